// Package house is how a house wants its replies: the workspace's settings, one
// document with the voice of each brand, what a channel allows, what agents may
// promise and by which policy a message is handled. It says what the document
// means and whether it can be; it stores nothing and writes no reply.
package house
