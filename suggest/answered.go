package suggest

import "slices"

// AnsweredIndex is the place of the message that is answered: the one named, or
// the customer's newest, or the newest note where no customer wrote; on a phone
// ticket the newest of either. It is -1 when there is none.
func AnsweredIndex(messages []Message, id string) int {
	note := -1
	for i, m := range slices.Backward(messages) {
		switch {
		case id != "" && m.ID == id:
			return i
		case id != "":
		case m.Author == AuthorCustomer, m.Author == AuthorNote && m.Channel == ChannelPhone:
			return i
		case m.Author == AuthorNote && note < 0:
			note = i
		}
	}
	if id != "" {
		return AnsweredIndex(messages, "")
	}
	return note
}
