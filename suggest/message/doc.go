// Package message tells what a customer says in a message from everything else:
// history that mail programs quote, signatures, company footers and disclaimers,
// and what contact forms put around a question.
//
// It goes by the form of the text first and by words second, which are data by
// language in internal/lexicon. The frame of a mail is in the language of the
// program that wrote it and not in the customer's, so the words of all languages
// count for it. In doubt a line is said. It stores, searches and sends nothing.
package message
