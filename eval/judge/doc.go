// Package judge lets a model judge replies by a written rubric, and measures
// against people how far its verdicts can be trusted.
//
// A verdict is worth what Calibrate found for the same model, rubric, wording
// and number of runs (see Judge.Hash): without that it is an verdict, is shown
// as one, and stands in no metric. The package never calls a provider by
// itself; it is given a Model. What a customer or a draft says is handed over
// as data and can't change the rubric, though a model may still be taken in:
// that, too, is why it is calibrated.
package judge
