// Package simulate plays a contact centre with and without drafts, to plan
// with: tickets arrive by night, weekend and disruption, agents read, look
// things up, write and decide, and what drafts are worth is taken from an
// evaluation's run.
//
// It is a planning tool and never a measurement: everything but the drafts
// themselves is an assumption that the user states, and agents behave as the
// assumptions say, not as people do. See Result.Caveats for what a randomised
// trial would have to measure. The same seed gives the same result.
package simulate
