package answer

// Looked is how many bytes a reader has looked at, repeats included.
func Looked(r *Reader) int { return r.looked }
