// Package pii keeps personal data from leaving for a model: it finds e-mail
// addresses, phone numbers, payment card numbers, IBANs and the values that the
// caller knows of a customer, puts placeholders in their place, and puts the
// values back into what the model wrote.
//
// A placeholder is a word in capitals, an underscore and a number, in square
// brackets: "[EMAIL_1]", "[BOOKING_CODE_2]". Models copy that shape, no Markdown
// gives it a meaning, and it never looks like a sentence's end. Numbers are not
// used twice in one Redactor, whatever the word, so that a placeholder whose
// word came back translated still says which value it stands for. The same
// value written in another way ("Anna", "ANNA") has the same number and a
// letter: "[NAME_3B]".
//
// The package never logs, stores or sends what it finds, and its errors do not
// quote it.
package pii
