//! The event streams. A connection is a cursor over the [board](super::board): no queue and no timer of its own.
//!
//! A request becomes a [`Filter`](super::board::Filter) and a [`Cursor`](foliostream::wire::live::Cursor)
//! ([`request`](super::rest::streams::request)), takes a [`Place`](place::Place) within the [`limits`], and follows its
//! [`Group`](group::Group) as a [`StreamBody`](body::StreamBody): first what the cursor misses ([`initial_sync`]), then whatever is
//! newer, each time the board calls the [`groups`]. A group wakes tasks through their places, and reactors by their [`bell`]. One
//! [`wheel`] beats all hearts. Text is made once per event ([`text`](super::board::text)), and the bytes of a step once per group
//! ([`frame`], [`group`]). At a limit the streams that count are asked whether they are still there, at a bounded pace
//! ([`roll`]).

pub mod bell;
pub mod body;
pub mod follower;
pub mod frame;
pub mod group;
pub mod groups;
pub mod initial_sync;
pub mod limits;
pub mod place;
pub mod reactor;
pub mod roll;
pub mod streams;
pub mod wheel;
