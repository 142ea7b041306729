package client

// SetMost says how many bytes an answer may have.
func (c *Client) SetMost(bytes int64) { c.most = bytes }
