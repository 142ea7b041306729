package meter

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// Book is the price book: the list, and what the operator put over it. Nobody
// changes it once it is made, so it is safe for concurrent use.
type Book struct {
	models     []*model
	byName     map[string]*model // ids, aliases, and dated ids without their date
	overrides  []override        // the one to prefer comes first
	lengths    []int64           // of prompts, in tokens, at which any price begins, or the next one may
	multiplier int64             // the operator's, in billionths
	at         map[string]int64  // the operator's multipliers of upstreams, in billionths
	batch      int64             // in billionths
	webSearch  tollgate.Money    // one search
}

// override is an Override, ready to be looked up.
type override struct {
	upstream string // empty: all
	key      string // Book.key of the model
	price    tollgate.Price
}

// NewBook makes the book. Problems are the Config's; with any, there is no
// book.
func NewBook(config Config) (*Book, []tollgate.Problem) {
	if found := config.Validate(); len(found) > 0 {
		return nil, found
	}
	book, err := listBook()
	if err != nil {
		return nil, []tollgate.Problem{{Message: err.Error(), Remedy: "this tollgate was built with a broken price list; use another build"}}
	}
	book.multiplier, _ = factor(config.Multiplier)
	for upstream, multiplier := range config.Multipliers {
		book.at[upstream], _ = factor(multiplier)
	}
	for _, o := range config.Overrides {
		price := o.price("", new(problems))
		book.overrides = append(book.overrides, override{upstream: o.Upstream, key: book.key(o.Model), price: price})
	}
	slices.SortStableFunc(book.overrides, preferred)
	book.lengths = book.findLengths()
	return book, nil
}

func (b *Book) findLengths() []int64 {
	lengths := []int64{0, 1} // which is one more than no bound
	add := func(price tollgate.Price) { lengths = append(lengths, price.PromptOver+1, price.PromptUpTo+1) }
	for _, known := range b.models {
		for _, price := range known.prices {
			add(price)
		}
	}
	for _, o := range b.overrides {
		add(o.price)
	}
	slices.Sort(lengths)
	return slices.Compact(lengths)
}

// preferred orders overrides: those of one upstream before those of all, then
// the ones that began last, then the ones for the longest prompts.
func preferred(a, b override) int {
	if (a.upstream == "") != (b.upstream == "") {
		return strings.Compare(b.upstream, a.upstream)
	}
	if order := b.price.From.Compare(a.price.From); order != 0 {
		return order
	}
	return int(min(max(b.price.PromptOver-a.price.PromptOver, -1), 1))
}

// listBook is the book of list prices alone.
func listBook() (*Book, error) {
	prices, err := readList(priceList)
	if err != nil {
		return nil, err
	}
	var found problems
	book := &Book{
		byName:    make(map[string]*model),
		at:        make(map[string]int64),
		batch:     found.nano("batch", prices.Batch),
		webSearch: tollgate.Money(found.nano("web_search", prices.WebSearch)),
	}
	for _, entry := range prices.Models {
		read := entry.model(&found)
		book.models = append(book.models, read)
		book.name(entry, read)
	}
	return book, found.err()
}

// name enters a model under every name that the provider's API has for it.
func (b *Book) name(entry listed, read *model) {
	for _, name := range append(entry.Aliases, entry.ID) {
		b.byName[name] = read
	}
	b.byName[tollgate.ParseModel(entry.ID).Base] = read
}

// lookup finds a listed model under any of its spellings, nil if there is
// none.
func (b *Book) lookup(name string) *model {
	if known := b.byName[name]; known != nil {
		return known
	}
	return b.byName[tollgate.ParseModel(name).Base]
}

// key is one word for all spellings of a model's name, listed or not.
func (b *Book) key(name string) string {
	if known := b.lookup(name); known != nil {
		return known.id
	}
	return tollgate.ParseModel(name).Base
}

// Knows says whether a price is known for this model at this upstream and
// moment, under whatever spelling of its name.
func (b *Book) Knows(upstream, name string, at time.Time) bool {
	known := b.lookup(name)
	if known != nil && inForce(known.prices, at) {
		return true
	}
	key := b.key(name)
	for _, o := range b.overrides {
		if o.fits(upstream, key) && inForce([]tollgate.Price{o.price}, at) {
			return true
		}
	}
	return false
}

func (o override) fits(upstream, key string) bool {
	return o.key == key && (o.upstream == "" || o.upstream == upstream)
}

// quote is what the book has of a price.
type quote struct {
	tollgate.Rates
	known bool
	own   bool // the operator's, which is what is paid wherever the model runs
}

// rates finds what a model's tokens cost at an upstream, at a moment, in a
// prompt of this length; the dearest there is where nobody knows.
func (b *Book) rates(upstream, name string, at time.Time, prompt int64) quote {
	if len(b.overrides) > 0 {
		key := b.key(name)
		for _, o := range b.overrides {
			if o.fits(upstream, key) && o.price.Covers(at, prompt) {
				return quote{o.price.Rates, true, true}
			}
		}
	}
	if known := b.lookup(name); known != nil {
		if rates, ok := covering(known.prices, at, prompt); ok {
			return quote{rates, true, false}
		}
	}
	return quote{b.dearest(upstream, at, prompt), false, false}
}

// operators is the operator's factor at an upstream, in billionths of billionths.
func (b *Book) operators(upstream string) *big.Int {
	product := big.NewInt(b.multiplier)
	return product.Mul(product, big.NewInt(b.multiplierAt(upstream)))
}

func (b *Book) multiplierAt(upstream string) int64 { return cmp.Or(b.at[upstream], unit) }

// dearest is, class by class, the highest rate that anything costs at this
// upstream and moment: what a model without a price is charged, so that it is
// never charged too little for want of knowledge.
func (b *Book) dearest(upstream string, at time.Time, prompt int64) (top tollgate.Rates) {
	raise := func(prices ...tollgate.Price) {
		if rates, ok := covering(prices, at, prompt); ok {
			top.Input = max(top.Input, rates.Input)
			top.CacheWrite5m = max(top.CacheWrite5m, rates.CacheWrite5m)
			top.CacheWrite1h = max(top.CacheWrite1h, rates.CacheWrite1h)
			top.CacheRead = max(top.CacheRead, rates.CacheRead)
			top.Output = max(top.Output, rates.Output)
		}
	}
	for _, known := range b.models {
		raise(known.prices...)
	}
	for _, o := range b.overrides {
		if o.fits(upstream, o.key) {
			raise(o.price)
		}
	}
	return top
}
