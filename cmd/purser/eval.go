package main

type evalCommand struct {
	Init      evalInitCommand      `cmd:"" help:"Write a small suite that works, to begin with."`
	Check     evalCheckCommand     `cmd:"" help:"Find broken, duplicate, contradictory and leaking cases in a suite."`
	Run       evalRunCommand       `cmd:"" help:"Run retrieval and drafting over tickets with known answers, and measure."`
	Replay    evalReplayCommand    `cmd:"" help:"Run a run again from what it recorded, and tell whether it comes out the same."`
	Convert   evalConvertCommand   `cmd:"" help:"Make a suite of a public data set as it is published."`
	ImportRun evalImportRunCommand `cmd:"" help:"Make a run of what another system answered, to compare with."`
	Compare   evalCompareCommand   `cmd:"" help:"Tell what got better or worse from one run to another, and how sure that is."`
	Gate      evalGateCommand      `cmd:"" help:"Hold a run against a policy; exit code 3 when it is not met."`
	Report    evalReportCommand    `cmd:"" help:"Write a run as one HTML page."`
	Calibrate evalCalibrateCommand `cmd:"" help:"Fit how the confidence is told to runs, and write it as a profile."`
	Baseline  evalBaselineCommand  `cmd:"" help:"Keep the accepted run."`
	Harvest   evalHarvestCommand   `cmd:"" help:"Make a suite of what happened: a weighted sample, with stand-ins for personal data."`
	Snapshot  evalSnapshotCommand  `cmd:"" help:"Write a workspace's articles as the knowledge of a suite."`
	Redteam   evalRedteamCommand   `cmd:"" help:"Attack the drafting through tickets, facts and articles, and count what gets out."`
	Judge     evalJudgeCommand     `cmd:"" help:"Let a model judge drafts by a written rubric, and measure it against people first."`
	Simulate  evalSimulateCommand  `cmd:"" help:"Plan: what drafts like a run's would mean for a contact centre."`
}
