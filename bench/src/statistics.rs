//! Medians and quartiles of the rounds of one measurement.

use serde::Serialize;

/// A median with its spread.
#[derive(Clone, Copy, Serialize, PartialEq, Debug)]
pub struct Distribution {
    /// The median.
    pub median: f64,
    /// The value below which a quarter of the values lie.
    pub lower_quartile: f64,
    /// The value above which a quarter of the values lie.
    pub upper_quartile: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

impl Distribution {
    /// Computes the distribution of `values`, which must not be empty.
    pub fn of(mut values: Vec<f64>) -> Distribution {
        assert!(!values.is_empty(), "BUG: no rounds were measured");
        values.sort_by(f64::total_cmp);
        Distribution {
            median: quantile(&values, 0.5),
            lower_quartile: quantile(&values, 0.25),
            upper_quartile: quantile(&values, 0.75),
            min: values[0],
            max: values[values.len() - 1],
        }
    }

    /// The geometric means of the distributions' medians, quartiles, minima and maxima; there must be at least one
    /// distribution. A value below zero was lost in noise, and makes the mean zero.
    pub fn geometric_mean(of: &[Distribution]) -> Distribution {
        let mean = |value: fn(&Distribution) -> f64| {
            (of.iter().map(|one| value(one).max(0.0).ln()).sum::<f64>() / of.len() as f64).exp()
        };
        Distribution {
            median: mean(|one| one.median),
            lower_quartile: mean(|one| one.lower_quartile),
            upper_quartile: mean(|one| one.upper_quartile),
            min: mean(|one| one.min),
            max: mean(|one| one.max),
        }
    }
}

/// The quantile of sorted values, by linear interpolation between two neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_interpolate() {
        let odd = Distribution::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!((odd.median, odd.lower_quartile, odd.upper_quartile), (3.0, 2.0, 4.0));
        let even = Distribution::of(vec![4.0, 1.0, 2.0, 3.0]);
        assert_eq!((even.median, even.lower_quartile, even.min, even.max), (2.5, 1.75, 1.0, 4.0));
        assert_eq!(Distribution::of(vec![7.0]).upper_quartile, 7.0);
    }

    #[test]
    fn a_geometric_mean_is_that_of_each_value() {
        let mean = Distribution::geometric_mean(&[
            Distribution::of(vec![1.0, 2.0, 4.0]),
            Distribution::of(vec![4.0, 8.0, 16.0]),
        ]);
        assert!((mean.median - 4.0).abs() < 1e-9 && (mean.min - 2.0).abs() < 1e-9, "{mean:?}");
        let lost = Distribution::geometric_mean(&[mean, Distribution::of(vec![-1.0])]);
        assert_eq!(lost.median, 0.0);
    }
}
