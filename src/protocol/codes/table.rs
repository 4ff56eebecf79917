//! Makes the three enums of the table.

/// Rows are `Name = "word", HTTP status, once | again, "title"`: `again` says that the same request may succeed later.
macro_rules! error_codes {
    (
        everywhere { $($all:ident = $all_word:literal, $all_status:literal, $all_retry:ident, $all_title:literal;)* }
        requests { $($req:ident = $req_word:literal, $req_status:literal, $req_retry:ident, $req_title:literal;)* }
        rest { $($rest:ident = $rest_word:literal, $rest_status:literal, $rest_retry:ident, $rest_title:literal;)* }
        frames { $($frame:ident = $frame_word:literal, $frame_title:literal;)* }
    ) => {
        /// Why a REST request was refused or failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $(#[doc = $all_title] $all,)*
            $(#[doc = $req_title] $req,)*
            $(#[doc = $rest_title] $rest,)*
        }

        impl ProblemCode {
            /// All codes of REST, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$all,)* $(Self::$req,)* $(Self::$rest,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$all => $all_word,)*
                    $(Self::$req => $req_word,)*
                    $(Self::$rest => $rest_word,)*
                }
            }

            /// The code for people; the same for every problem of that code.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$all => $all_title,)*
                    $(Self::$req => $req_title,)*
                    $(Self::$rest => $rest_title,)*
                }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$all => $all_status,)*
                    $(Self::$req => $req_status,)*
                    $(Self::$rest => $rest_status,)*
                }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self {
                    $(Self::$all => crate::codes::table::error_codes!(@$all_retry),)*
                    $(Self::$req => crate::codes::table::error_codes!(@$req_retry),)*
                    $(Self::$rest => crate::codes::table::error_codes!(@$rest_retry),)*
                }
            }
        }

        /// Why a request to a conversation was not logged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum RejectCode {
            $(#[doc = $all_title] #[serde(rename = $all_word)] $all,)*
            $(#[doc = $req_title] #[serde(rename = $req_word)] $req,)*
        }

        impl RejectCode {
            /// All codes of `rejected`, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$all,)* $(Self::$req,)*];

            /// The same code as REST has it, with its word, title and whether the request may succeed later.
            #[must_use]
            pub const fn problem(self) -> ProblemCode {
                match self {
                    $(Self::$all => ProblemCode::$all,)*
                    $(Self::$req => ProblemCode::$req,)*
                }
            }
        }

        /// What was wrong with a frame.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum ErrorCode {
            $(#[doc = $frame_title] #[serde(rename = $frame_word)] $frame,)*
            $(#[doc = $all_title] #[serde(rename = $all_word)] $all,)*
        }

        impl ErrorCode {
            /// All codes of `error`, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$frame,)* $(Self::$all,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$frame => $frame_word,)*
                    $(Self::$all => $all_word,)*
                }
            }

            /// The code for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$frame => $frame_title,)*
                    $(Self::$all => $all_title,)*
                }
            }
        }
    };
    (@once) => { false };
    (@again) => { true };
}

pub(super) use error_codes;
