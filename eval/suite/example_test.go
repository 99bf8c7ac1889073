package suite_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/purser-desk/purser/eval/suite"
)

// A suite is a folder with tickets and articles.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "suite")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, content := range map[string]string{
		"tickets.csv": "id;text;lang;expect;gold_ids\n1;My bag did not come.;en;answer;baggage-delayed\n2;Danke!;de;none;\n",
		"kb.jsonl":    `{"key":"baggage-delayed","locale":"en","title":"Delayed baggage","body":"We bring it to you."}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	s, err := suite.Read(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range s.Cases {
		fmt.Println(c.ID, c.Lang, c.Expect, c.GoldIDs)
	}
	// Output:
	// 1 en answer [baggage-delayed]
	// 2 de none []
}
