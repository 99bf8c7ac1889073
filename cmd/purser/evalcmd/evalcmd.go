// Package evalcmd holds the commands below "purser eval": each reads its flags
// and files, calls what evaluates, and prints. What is measured, and how, is in
// eval and below.
package evalcmd

// Command is the grammar of "purser eval".
type Command struct {
	Init      initCommand      `cmd:"" help:"Write a small suite that works, to begin with."`
	Check     checkCommand     `cmd:"" help:"Find broken, duplicate, contradictory and leaking cases in a suite."`
	Run       runCommand       `cmd:"" help:"Run retrieval and drafting over tickets with known answers, and measure."`
	Replay    replayCommand    `cmd:"" help:"Run a run again from what it recorded, and tell whether it comes out the same."`
	Convert   convertCommand   `cmd:"" help:"Make a suite of a public data set as it is published."`
	ImportRun importRunCommand `cmd:"" help:"Make a run of what another system answered, to compare with."`
	Compare   compareCommand   `cmd:"" help:"Tell what got better or worse from one run to another, and how sure that is."`
	Gate      gateCommand      `cmd:"" help:"Hold a run against a policy; exit code 3 when it is not met."`
	Report    reportCommand    `cmd:"" help:"Write a run as one HTML page."`
	Calibrate calibrateCommand `cmd:"" help:"Fit how the confidence is told to runs, and write it as a profile."`
	Baseline  baselineCommand  `cmd:"" help:"Keep the accepted run."`
	Sample    sampleCommand    `cmd:"" help:"Make a suite of what happened: a weighted sample, with pseudonyms for personal data."`
	Snapshot  snapshotCommand  `cmd:"" help:"Write a workspace's articles as the knowledge of a suite."`
	Redteam   redteamCommand   `cmd:"" help:"Attack the drafting through tickets, facts and articles, and count what gets out."`
	Judge     judgeCommand     `cmd:"" help:"Let a model judge drafts by a written rubric, and measure it against people first."`
	Trial     trialCommand     `cmd:"" help:"Play answers written beforehand, and tell what the checks do with each sentence."`
	Simulate  simulateCommand  `cmd:"" help:"Plan: what drafts like a run's would mean for a contact centre."`
}
