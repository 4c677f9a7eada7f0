//! A text that remembers from which line of its source each of its lines came.

/// A text being rewritten.
#[derive(Debug, Clone, Default)]
pub(super) struct Lined {
    text: String,
    /// The line of the source for each line of the text.
    lines: Vec<usize>,
    /// Where each line of the text but the first starts.
    starts: Vec<usize>,
}

impl Lined {
    /// Text as it stands in the source, from a line on.
    pub(super) fn new(text: &str, line: usize) -> Self {
        let mut lined = Self::default();
        lined.copy(text, line);
        lined
    }

    /// Adds text as it stands in the source.
    pub(super) fn copy(&mut self, text: &str, line: usize) {
        self.add(text, |below| line + below, line);
    }

    /// Adds text that was made of one place of the source.
    pub(super) fn make(&mut self, text: &str, line: usize) {
        self.add(text, |_| line, line);
    }

    fn add(&mut self, text: &str, number: impl Fn(usize) -> usize, line: usize) {
        if self.lines.is_empty() {
            self.lines.push(line);
        } else if self.text.ends_with('\n')
            && let Some(last) = self.lines.last_mut()
        {
            *last = line;
        }
        for (below, (at, _)) in text.match_indices('\n').enumerate() {
            self.lines.push(number(below + 1));
            self.starts.push(self.text.len() + at + 1);
        }
        self.text.push_str(text);
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line of the source from which a byte of the text came.
    pub(super) fn line(&self, at: usize) -> usize {
        let number = self.starts.partition_point(|start| *start <= at);
        self.lines.get(number).or(self.lines.last()).copied().unwrap_or(1)
    }

    /// The text rewritten line by line; `None` leaves a line out.
    pub(super) fn each_line(&self, mut rewrite: impl FnMut(&str, usize) -> Option<String>) -> Self {
        let mut rewritten = Self::default();
        for (line, number) in self.text.split_inclusive('\n').zip(&self.lines) {
            if let Some(line) = rewrite(line, *number) {
                rewritten.make(&line, *number);
            }
        }
        rewritten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_source_whatever_was_put_between() {
        let mut lined = Lined::new("a\nb ", 10);
        lined.make("x\ny\nz", 11);
        lined.copy(" c\nd", 12);
        assert_eq!(lined.text(), "a\nb x\ny\nz c\nd");
        let lines: Vec<usize> = ["a", "b", "y", "z", "d"]
            .iter()
            .map(|word| lined.line(lined.text().find(word).expect("there")))
            .collect();
        assert_eq!(lines, [10, 11, 11, 11, 13]);
    }
}
