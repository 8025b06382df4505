//! The rules of prose that can be checked mechanically: first words of comments, vague numbers, lengths of subjects.

use std::process::Command;

use super::{assert_none, root, sources};

/// Words with which a doc comment must not open, because such a comment does not name its subject.
const OPENINGS: [&str; 10] =
    ["What", "Who", "Where", "How", "Which", "Those", "That of", "One", "So", "Some"];

/// Phrases for a number that should have a name or be `n`. `such` and `as much` have other uses, so only reviewers can
/// judge them.
const VAGUE: [&str; 2] = ["so many", "so much"];

/// The time from which commits must have short subjects.
const SUBJECTS_SINCE: &str = "2026-11-30T00:40:00Z";
/// The greatest length of a commit's subject, in characters.
const SUBJECT_LENGTH: usize = 72;

/// The text of a doc comment's line.
fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    Some(text.trim())
}

fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
    })
}

fn faults_of(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut before = None;
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        let comment = documentation(line);
        if let Some(comment) = comment {
            in_code ^= comment.starts_with("```");
            let opens = before.is_none();
            let opening = OPENINGS.into_iter().find(|word| {
                comment.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            });
            if let Some(word) = opening.filter(|_| opens) {
                faults.push(format!("{path}:{}: a doc comment opens with `{word}`", number + 1));
            }
            let lower = comment.to_lowercase();
            for word in VAGUE.into_iter().filter(|word| !in_code && has_word(&lower, word)) {
                faults.push(format!("{path}:{}: `{word}`: give the number a name", number + 1));
            }
        } else {
            in_code = false;
        }
        before = comment;
    }
    faults
}

#[test]
fn doc_comments_name_their_subject() {
    let mut faults = Vec::new();
    for (path, text) in sources(&[".rs", ".weft"]) {
        faults.extend(faults_of(&path, &text));
    }
    assert_none(faults);
}

#[test]
fn faults_of_prose_are_found() {
    let text = "/// Where it is.\n/// Which is fine here.\nfn f() {}\n/// Runs so many times.\nfn g() {}\n";
    let faults = faults_of("a.rs", text);
    assert_eq!(faults.len(), 2, "{faults:?}");
    let text = "/// Something.\n/// Where a sentence goes on.\n/// Onerous.\n";
    assert_eq!(faults_of("a.rs", text), Vec::<String>::new());
}

/// Passes if there is no history, because not every copy of the project has one.
#[test]
fn subjects_of_new_commits_are_short() {
    let mut log = Command::new("git");
    log.current_dir(root()).args(["log", "--format=%h %s", "--since", SUBJECTS_SINCE]);
    let Ok(output) = log.output() else { return };
    let subjects = String::from_utf8_lossy(&output.stdout);
    let mut faults = Vec::new();
    for line in subjects.lines() {
        let Some((commit, subject)) = line.split_once(' ') else { continue };
        let length = subject.chars().count();
        if length > SUBJECT_LENGTH {
            faults.push(format!("commit {commit}: its subject has {length} characters: {subject}"));
        }
    }
    assert_none(faults);
}
