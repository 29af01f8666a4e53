//! Exports of one person's history, by their columns.

use super::delimited::header::normalised;
use super::history::Service;

/// The columns that only one service writes.
pub(super) struct Export {
    /// Their names in normalised form.
    columns: &'static [&'static str],
    /// What the file is, for messages.
    pub(super) name: &'static str,
    /// The service, if its exports are read as tables.
    pub(super) service: Option<Service>,
    /// Lowest and highest rating of the service.
    pub(super) scale: Option<(f32, f32)>,
}

const EXPORTS: [Export; 10] = [
    Export {
        columns: &["letterboxduri"],
        name: "a Letterboxd export",
        service: Some(Service::Letterboxd),
        scale: Some((0.5, 5.0)),
    },
    Export {
        columns: &["exclusiveshelf", "myrating"],
        name: "a Goodreads export",
        service: Some(Service::Goodreads),
        scale: Some((1.0, 5.0)),
    },
    Export {
        columns: &["const", "yourrating"],
        name: "an IMDb export",
        service: Some(Service::Imdb),
        scale: Some((1.0, 10.0)),
    },
    Export {
        columns: &["uts", "artistmbid"],
        name: "a Last.fm export",
        service: Some(Service::Lastfm),
        scale: None,
    },
    Export {
        columns: &["readstatus", "starrating", "authors"],
        name: "a StoryGraph export",
        service: None,
        scale: Some((0.25, 5.0)),
    },
    Export {
        columns: &["msplayed", "mastermetadatatrackname"],
        name: "a Spotify export",
        service: None,
        scale: None,
    },
    Export { columns: &["msplayed", "trackname"], name: "a Spotify export", service: None, scale: None },
    Export { columns: &["ratedat", "rating", "type"], name: "a Trakt export", service: None, scale: None },
    Export { columns: &["watchedat", "action", "type"], name: "a Trakt export", service: None, scale: None },
    Export {
        columns: &["profilename", "starttime", "title"],
        name: "a Netflix viewing history",
        service: Some(Service::Netflix),
        scale: None,
    },
];

/// Netflix' other export has these two columns only.
const NETFLIX: Export = Export {
    columns: &["title", "date"],
    name: "a Netflix viewing history",
    service: Some(Service::Netflix),
    scale: None,
};

/// The export that has these columns, if it is known.
pub(super) fn find(names: &[String]) -> Option<&'static Export> {
    let names: Vec<String> = names.iter().map(|name| normalised(name)).collect();
    if names == NETFLIX.columns {
        return Some(&NETFLIX);
    }
    let has = |export: &&Export| export.columns.iter().all(|wanted| names.iter().any(|name| name == wanted));
    EXPORTS.iter().find(has)
}
