//! Finds the items that the database refuses, and writes the rest of the batch.

use frontdesk_ports::StoreError;

use super::steps::Unwritten;

/// The result of writing a batch.
pub(crate) struct Written<R> {
    /// The answers to the parts that were written, in order.
    pub(crate) answers: Vec<R>,
    /// The items that were refused alone, by index, and why.
    pub(crate) refused: Vec<(usize, StoreError)>,
}

/// The worker was asked to stop before all was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Writes `items`, all at once if the database takes them; a part that is refused is halved until a single item is. The
/// earlier half goes first, so that what continues it finds it there.
///
/// # Errors
/// [`Stopped`]: some parts may have been written.
pub(crate) async fn write<'a, T, R, F>(items: &'a [T], write: impl Fn(&'a [T]) -> F) -> Result<Written<R>, Stopped>
where
    F: Future<Output = Result<R, Unwritten>>,
{
    let mut written = Written { answers: Vec::new(), refused: Vec::new() };
    let mut parts = vec![(0, items)];
    while let Some((start, part)) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        match write(part).await {
            Ok(answer) => written.answers.push(answer),
            Err(Unwritten::Stopped) => return Err(Stopped),
            Err(Unwritten::Refused(error)) if part.len() == 1 => written.refused.push((start, error)),
            Err(Unwritten::Refused(_)) => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.push((start + first.len(), second));
                parts.push((start, first));
            }
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_but_the_refused_are_written_in_order() {
        let items: Vec<u32> = (0..100).collect();
        let spoilt = [17, 18, 99];
        let write = |part: &[u32]| {
            let part = part.to_vec();
            async move {
                if part.iter().any(|item| spoilt.contains(item)) {
                    return Err(Unwritten::Refused(StoreError::Corrupt("spoilt".into())));
                }
                Ok(part)
            }
        };
        let written = super::write(&items, write).await.unwrap();
        assert_eq!(written.refused.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [17, 18, 99]);
        let expected: Vec<u32> = items.iter().copied().filter(|item| !spoilt.contains(item)).collect();
        assert_eq!(written.answers.concat(), expected);
    }

    #[tokio::test]
    async fn being_asked_to_stop_ends_it() {
        let write = |_: &[u32]| async { Err::<(), _>(Unwritten::Stopped) };
        assert_eq!(super::write(&[1, 2], write).await.err(), Some(Stopped));
    }
}
