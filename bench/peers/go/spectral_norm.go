// The spectral norm of the N x N matrix whose elements are 1/((i+j)(i+j+1)/2+i+1). Usage: spectral_norm N
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
)

func element(i, j int) float64 { return 1 / float64((i+j)*(i+j+1)/2+i+1) }

func times(v, out []float64) {
	for i := range out {
		sum := 0.0
		for j := range v {
			sum += element(i, j) * v[j]
		}
		out[i] = sum
	}
}

func transposedTimes(v, out []float64) {
	for i := range out {
		sum := 0.0
		for j := range v {
			sum += element(j, i) * v[j]
		}
		out[i] = sum
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	u, v, t := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range u {
		u[i] = 1
	}
	for i := 0; i < 10; i++ {
		times(u, t)
		transposedTimes(t, v)
		times(v, t)
		transposedTimes(t, u)
	}
	uv, vv := 0.0, 0.0
	for i := range u {
		uv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	fmt.Printf("%.9f\n", math.Sqrt(uv/vv))
}
