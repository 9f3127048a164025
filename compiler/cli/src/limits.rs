//! Every bound of the command line.
//!
//! The bounds of policies are those of the syntax and of the compiler, the bounds of frames and calls those of the runtime; here is only
//! what stands between a file and them.

/// Bytes of the stack on which a command runs. The parser's own bound on nesting is far below what this holds.
pub(crate) const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of one file that a policy consists of (modules and catalogs); a longer one is not read at all.
pub(crate) const POLICY_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of one line of a recorded session; a longer one is an error of the record.
pub(crate) const TRACE_LINE_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of a record that one thread reads and decides before the next are read; small enough to stay near the processor.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// The same for each of several threads, which meet after every chunk.
pub(crate) const SHARED_CHUNK_BYTES: usize = 1024 * 1024;

/// Rows of a Parquet file that are read where [`CHUNK_BYTES`] of lines would be.
#[cfg(feature = "parquet")]
pub(crate) const BATCH_ROWS: usize = 2_048;

/// Chunks that are read ahead of those that decide them.
pub(crate) const CHUNKS_AHEAD: usize = 2;

/// Bytes of a file that are asked of the system at once.
pub(crate) const READ_BUFFER_BYTES: usize = 128 * 1024;

/// Ways in which calls were decided whose text is kept, so that it need not be written again.
pub(crate) const KEPT_REASONS: usize = 4_096;

/// Bytes of output that are held back before they are written.
pub(crate) const OUTPUT_BUFFER_BYTES: usize = 64 * 1024;

/// Characters of one argument's value, and of all of a call's arguments, that the story of a replay shows.
pub(crate) const SHOWN_VALUE_CHARS: usize = 48;
/// See [`SHOWN_VALUE_CHARS`].
pub(crate) const SHOWN_ARGUMENTS_CHARS: usize = 120;

/// Differences from what was expected, and errors of the record, that are listed one by one.
pub(crate) const LISTED_DIFFERENCES: usize = 50;

/// Characters of what a query is about that its file's name keeps.
pub(crate) const QUERY_NAME_CHARS: usize = 100;

/// Bytes of a file of the checker's answers; a longer one is not read.
pub(crate) const CACHE_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Characters of a policy's name that the name of its file of answers keeps.
pub(crate) const CACHE_NAME_CHARS: usize = 40;

/// Seconds that one question of the checker may take, unless `--timeout` says otherwise.
pub(crate) const QUESTION_SECONDS: u32 = 5;
/// The most that `--timeout` may say: a day.
pub(crate) const LONGEST_QUESTION_SECONDS: i64 = 86_400;
