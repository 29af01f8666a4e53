//! Exports of one person's history, by their columns.

use super::delimited::header::normalised;

/// The columns that an export has, in normalised form, and its name.
const EXPORTS: [(&[&str], &str); 9] = [
    (&["name", "year", "letterboxduri"], "a Letterboxd export"),
    (&["title", "author", "myrating", "exclusiveshelf"], "a Goodreads export"),
    (&["title", "authors", "readstatus", "starrating"], "a StoryGraph export"),
    (&["const", "yourrating", "daterated"], "an IMDb export"),
    (&["ts", "msplayed", "mastermetadatatrackname"], "a Spotify export"),
    (&["endtime", "artistname", "trackname", "msplayed"], "a Spotify export"),
    (&["ratedat", "rating", "type"], "a Trakt export"),
    (&["watchedat", "action", "type"], "a Trakt export"),
    (&["profilename", "starttime", "title"], "a Netflix viewing history"),
];

/// The kind of export that has these columns, if it is known.
pub(super) fn kind(names: &[String]) -> Option<&'static str> {
    let names: Vec<String> = names.iter().map(|name| normalised(name)).collect();
    if names == ["title", "date"] {
        return Some("a Netflix viewing history");
    }
    let has = |wanted: &&[&str]| wanted.iter().all(|wanted| names.iter().any(|name| name == wanted));
    EXPORTS.iter().find(|(wanted, _)| has(wanted)).map(|&(_, kind)| kind)
}
