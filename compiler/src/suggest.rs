//! Suggestions: the names that a misspelt name probably means.

/// The candidate that is closest to `name`, if it is close enough: the number of edits is at most 1, or at most a third
/// of the number of characters of the longer name, and less than the number of characters of the candidate. Of equally
/// close candidates, returns the first; never returns `name` itself.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let longer = name.chars().count().max(candidate.chars().count());
        let limit = best.map_or((longer / 3).max(1), |(distance, _)| distance - 1);
        match distance(name, candidate, limit) {
            Some(0) if name == candidate => {}
            Some(found) => best = Some((found, candidate)),
            None => {}
        }
        if best.is_some_and(|(distance, _)| distance == 0) {
            break;
        }
    }
    // If there are as many edits as the candidate has characters, nothing of `name` is left: the names are unrelated.
    best.filter(|(distance, candidate)| *distance < candidate.chars().count()).map(|(_, candidate)| candidate)
}

/// The least number of edits that turn `from` into `to` (the optimal string alignment distance); `None` if the number
/// exceeds `limit`. An edit inserts, deletes or replaces a character, or swaps two adjacent characters. Case is
/// ignored.
fn distance(from: &str, to: &str, limit: usize) -> Option<usize> {
    let from: Vec<char> = from.chars().flat_map(char::to_lowercase).collect();
    let to: Vec<char> = to.chars().flat_map(char::to_lowercase).collect();
    if from.len().abs_diff(to.len()) > limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, &a) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &b) in to.iter().enumerate() {
            let substituted = last[column] + usize::from(a != b);
            let mut cost = substituted.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && a == to[column - 1] && from[row - 1] == b {
                cost = cost.min(before_last[column - 1] + 1);
            }
            current.push(cost);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn close_names_are_found_and_far_ones_not() {
        let names = ["println", "print", "count", "x"];
        assert_eq!(closest("pritnln", names), Some("println"));
        assert_eq!(closest("conut", names), Some("count"));
        assert_eq!(closest("Count", names), Some("count"));
        assert_eq!(closest("y", names), None);
        assert_eq!(closest("velocity", names), None);
        assert_eq!(closest("count", names), None);
        assert_eq!(closest("nmae", ["max"]), None);
    }

    #[test]
    fn neighbours_swapped_are_one_mistake() {
        assert_eq!(distance("abcd", "abdc", 3), Some(1));
        assert_eq!(distance("abcd", "badc", 3), Some(2));
        assert_eq!(distance("abcd", "xyz", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
    }
}
