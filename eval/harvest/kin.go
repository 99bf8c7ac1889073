package harvest

// kin are words for those whom people write about, in ten languages and the
// cases that follow a possessive.
func kin() string {
	return `son|daughter|sons|daughters|wife|husband|partner|spouse|mother|mum|mom|father|dad|brother|sister|child|children|kids?|baby|infant|toddler|twins?|boy|girl|girlfriend|boyfriend|fianc[ée]e?|friends?|colleague|niece|nephew|aunt|uncle|cousin|grand(?:mother|father|son|daughter|ma|pa|child|children|parents)|granny|step(?:son|daughter|mother|father)|(?:mother|father|sister|brother|son|daughter)-in-law|parents` +
		`|sohn(?:es|e)?|söhnen?|tochter|töchtern?|frau|ehefrau|mann(?:es)?|ehemann|gatt(?:e|in)|partner(?:in)?|lebensgefährt(?:e|en|in)|mutter|mama|vater|papa|bruder|schwester|kind(?:es|er|ern)?|baby|enkel(?:in|kind)?|oma|opa|großmutter|großvater|schwieger(?:mutter|vater|sohn|tochter)|freund(?:in|es)?|verlobter?n?|neffen?|nichte|onkel|tante|cousine?|kolleg(?:e|en|in)` +
		`|hij[oa]s?|espos[oa]|marido|mujer|madre|padre|herman[oa]s?|abuel[oa]|novi[oa]|pareja|amig[oa]s?|suegr[oa]|sobrin[oa]|niet[oa]s?|prim[oa]|tí[oa]|bebé|compañer[oa]` +
		`|fils|filles?|enfants?|femme|épou(?:se|x)|mari|conjointe?|compagn(?:on|e)|mère|père|maman|frères?|s(?:œ|oe)urs?|(?:grand|belle|beau)-(?:mère|père|fils|fille)|petit-fils|petite-fille|ami[e]?s?|copine?|copain|neveu|nièce|oncle|bébé|collègue` +
		`|figli[oae]?|moglie|marito|mamma|papà|fratello|sorella|nonn[oa]|compagn[oa]|fidanzat[oa]|amic[oa]|suocer[oa]|nipot[ei]|zi[oa]|cugin[oa]|bimb[oa]|bambin[oai]|collega` +
		`|zoon(?:tje)?|zonen|dochter(?:tje|s)?|vrouw|man|echtgeno(?:ot|te)|moeder|vader|broer(?:tje)?|zus(?:je)?|vriend(?:in)?|kind(?:je|eren)|neef|nicht|oom|schoon(?:moeder|vader|zoon|dochter)|klein(?:zoon|dochter)` +
		`|sønn(?:en)?|datter(?:en)?|kon[ae]|mannen?|ektefelle|samboer(?:en)?|mor(?:en|a)?|far(?:en)?|bror(?:en)?|søster(?:en)?|barn(?:et|a)?|bestemor|bestefar|(?:mor|far)(?:mor|far)|kjæreste(?:n)?|venn(?:en|inne|inna)?|svigermor|svigerfar|barnebarn|søn|mand` +
		`|dotter|fru|make|maka|sambo|syster|flickvän|pojkvän|vän|bebis|svärmor|svärfar|barnbarn` +
		`|syn(?:a|owi|em|u|owie)?|cór(?:ka|ki|ce|kę|ką)|żon(?:a|y|ie|ę|ą)|mąż|męż(?:a|owi|em)|matk(?:a|i|ę|ą)|matce|mam(?:a|y|ie|ę|ą)|ojc(?:a|u|em)|ojciec|tat(?:a|y|ę|ą)|brat(?:a|u|em)?|siostr(?:a|y|ę|ą)|siostrze|babci(?:a|i|ę|ą)|dziad(?:ek|ka|kiem)|dzieck(?:o|a|u|iem)|dzieci|partner(?:a|em|ka|ki|kę|ką)?|narzeczon(?:y|a|ego|ej|ą|ym)|wnu(?:k|ka|czka|czkę|czką|kiem)|teści(?:owa|owej|ową|a)|teść|koleg(?:a|i|ę|ą)|koleżank(?:a|i|ę|ą)` +
		`|filh[oa]s?|mulher|mãe|pai|irmã[o]?s?|av[óô]|namorad[oa]|parceir[oa]|sogr[oa]|net[oa]s?|bebê|companheir[oa]`
}
