package logistic

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrNotAModel says that bytes are not what Append wrote.
var ErrNotAModel = errors.New("these bytes hold no logistic model")

// Append appends the model to b: the number of lines and of weights in each, as
// two little-endian bytes each, then the weights with the precision of four bytes.
func (m *Model) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.Weights))) //nolint:gosec // classes are few
	b = binary.LittleEndian.AppendUint16(b, uint16(m.Features()+1)) //nolint:gosec // vectors are short
	for _, line := range m.Weights {
		for _, v := range line {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		}
	}
	return b
}

// Read reads the model at the start of b and returns what follows it. It fails
// with ErrNotAModel.
func Read(b []byte) (*Model, []byte, error) {
	if len(b) < 4 {
		return nil, nil, ErrNotAModel
	}
	lines, width := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	b = b[4:]
	if lines == 0 || width == 0 || len(b) < 4*lines*width {
		return nil, nil, ErrNotAModel
	}
	m := &Model{Weights: make([][]float64, lines)}
	for k := range m.Weights {
		m.Weights[k] = make([]float64, width)
		for j := range m.Weights[k] {
			v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, ErrNotAModel
			}
			m.Weights[k][j], b = v, b[4:]
		}
	}
	return m, b, nil
}
