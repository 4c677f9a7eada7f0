//! Types that are written as one word each, in files, tables and programs.

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),+ })+) => {$(
        impl $name {
            /// The word that files, tables and programs use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads that word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

pub(super) use words;
