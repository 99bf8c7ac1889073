package phrases

import "strings"

// functionWords are the small words that fill the sentences of a language,
// folded. They serve to see at once that a sentence is in the language it
// should be in, so that the detector is asked only where they do not tell.
func functionWords() map[string]uint16 {
	lists := [len(languages)]string{}
	for i, language := range languages {
		lists[i] = functionWordList(language)
	}
	out := make(map[string]uint16, 600)
	for i, list := range lists {
		for w := range strings.FieldsSeq(list) {
			out[FoldLetters(w)] |= 1 << i
		}
	}
	return out
}

func functionWordList(language string) string {
	switch language {
	case "de":
		return "der die das und ist sind ein eine einen einem einer nicht sie ihr ihre ihren wir uns mit für von zu im den dem des auf auch wenn oder aber bei bis nach werden wird kann können haben hat es ich aus am an um vor über zum zur dass innerhalb"
	case "en":
		return "the and is are a an not you your we our with for of to in on at if or but by from until after be will can may have has it i this that these within must please when as up any"
	case "es":
		return "el la los las y es son un una no usted su sus nosotros con para de a en si o pero por desde hasta después ser puede pueden tiene ha lo este esta que del al se le como más debe"
	case "fr":
		return "le la les et est sont un une ne pas vous votre vos nous notre avec pour de à en dans si ou mais par depuis jusqu après être peut pouvez avez a il ce cette que du au aux des sur plus doit"
	case "it":
		return "il lo la i gli le e è sono un una non lei suo sua noi con per di a in se o ma da fino dopo essere può ha questo questa che del della dei al alla nel nella si più deve entro"
	case "nl":
		return "de het en is zijn een niet u uw je jouw we wij ons met voor van te in op als of maar bij tot na worden wordt kan kunt hebben heeft dit dat deze die er aan om binnen moet"
	case "no":
		return "og er en et ikke du deg din ditt dine vi oss vår med for av til i på hvis eller men fra etter være blir kan må har det den dette disse de som om ved skal innen når"
	case "pl":
		return "i jest są nie pan pani państwo państwa my nas z ze dla od do w we na jeśli lub albo ale przez po być może można ma to ten ta te się że jak o za przed oraz należy"
	case "pt":
		return "o a os as e é são um uma não você seu sua nós com para de em no na se ou mas por desde até depois ser pode podem tem isto este esta que do da dos das ao à como mais deve"
	case "sv":
		return "och är en ett inte du dig din ditt dina vi oss vår med för av till i på om eller men från efter vara blir kan måste har det den detta dessa de som vid ska inom när att"
	}
	return ""
}

// PlainlyIn reports whether words are so full of the small words of a language,
// and so much fuller than of any other, that nobody needs to ask which it is.
func (l *Lists) PlainlyIn(words []string, language string) bool {
	var hits [len(languages)]int
	total := 0
	for _, w := range words {
		if w == Border {
			continue
		}
		total++
		for mask, i := l.functionWords[w], 0; mask != 0; mask, i = mask>>1, i+1 {
			if mask&1 != 0 {
				hits[i]++
			}
		}
	}
	mine, other := 0, 0
	for i, n := range hits {
		if languages[i] == language {
			mine = n
		} else {
			other = max(other, n)
		}
	}
	return mine >= 2 && mine*5 >= total && mine*2 >= 3*other
}
