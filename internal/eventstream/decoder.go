package eventstream

// Decoder finds the frames of one stream. One goroutine owns it.
type Decoder struct {
	emit func(Frame)
	held []byte // the beginning of a frame that a piece's end cut
	err  error
}

// NewDecoder makes a Decoder that hands every frame to emit.
func NewDecoder(emit func(Frame)) *Decoder { return &Decoder{emit: emit} }

// Feed takes the next piece of the stream, of any length, and does not keep it.
// The error says that this is no event stream, or one that was damaged: one of
// those above, and the same from then on.
func (d *Decoder) Feed(piece []byte) error {
	if d.err == nil {
		d.err = d.feed(piece)
	}
	return d.err
}

// Partial says whether a frame has begun of which a part is still to come.
func (d *Decoder) Partial() bool { return len(d.held) > 0 }

func (d *Decoder) feed(piece []byte) error {
	piece, err := d.complete(piece)
	for err == nil && len(piece) > 0 {
		var length int
		if length, err = frameLength(piece); err != nil {
			break
		}
		if length > len(piece) {
			d.held = append(d.held, piece...)
			return nil
		}
		err = d.take(piece[:length])
		piece = piece[length:]
	}
	return err
}

// complete adds to the held frame what is its own, hands it out when that was
// all of it, and returns the rest of the piece.
func (d *Decoder) complete(piece []byte) (rest []byte, err error) {
	for len(d.held) > 0 {
		length, err := frameLength(d.held)
		switch missing := length - len(d.held); {
		case err != nil:
			return nil, err
		case missing == 0:
			err = d.take(d.held)
			d.held = emptied(d.held)
			return piece, err
		case len(piece) == 0:
			return nil, nil
		default:
			n := min(missing, len(piece))
			d.held, piece = append(d.held, piece[:n]...), piece[n:]
		}
	}
	return piece, nil
}

func (d *Decoder) take(whole []byte) error {
	frame, err := open(whole)
	if err == nil {
		d.emit(frame)
	}
	return err
}

// maxKept is the largest buffer that is kept for the next frame, so that one
// long frame does not cost a slow stream its memory to the end.
const maxKept = 16 << 10

func emptied(buffer []byte) []byte {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer[:0]
}
