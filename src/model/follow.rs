//! From one file to another: what a relative path means where it is written.

/// The path of what `target` names in a file of `folder`; both relative to one root. `None` when it leaves the root.
pub fn follow(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
