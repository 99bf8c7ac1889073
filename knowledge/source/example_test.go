package source_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/purser-desk/purser/knowledge/source"
)

// A folder of Markdown and a table; source.Read reads one on disk alike.
func ExampleReadFS() {
	folder := fstest.MapFS{
		"de/bags.md": {Data: []byte("# Handgepäck\n\nEin Stück ist frei.\n")},
		"faq.en.csv": {Data: []byte("key,question,answer\npets,Can my dog fly?,Dogs up to 8 kg travel in the cabin.\n")},
		"notes.txt":  {Data: []byte("not an article")},
	}
	read, err := source.ReadFS(context.Background(), folder, ".", source.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range read.Documents {
		fmt.Printf("%s (%s): %s\n", d.Key, d.Locale, d.Title)
	}
	for _, p := range read.Problems {
		fmt.Println(p)
	}
	// Output:
	// bags (de): Handgepäck
	// pets (en): Can my dog fly?
	// notes.txt: 1 file: A plain text file is not read: give it the ending .md.
}
