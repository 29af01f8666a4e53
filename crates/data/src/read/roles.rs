//! The column names that readers accept.

use super::delimited::header::Role;

pub(super) const USER: Role = Role {
    name: "user",
    names: &[
        "user",
        "userid",
        "uid",
        "username",
        "customer",
        "customerid",
        "reviewer",
        "reviewerid",
        "visitorid",
        "person",
        "personid",
    ],
};
pub(super) const ITEM: Role = Role {
    name: "item",
    names: &[
        "item",
        "itemid",
        "iid",
        "movie",
        "movieid",
        "product",
        "productid",
        "asin",
        "parentasin",
        "book",
        "bookid",
        "isbn",
        "track",
        "trackid",
        "song",
        "songid",
        "artist",
        "artistid",
        "article",
        "articleid",
        "business",
        "businessid",
        "game",
        "gameid",
        "anime",
        "animeid",
        "film",
        "filmid",
    ],
};
pub(super) const RATING: Role = Role {
    name: "rating",
    names: &[
        "rating",
        "ratings",
        "bookrating",
        "score",
        "stars",
        "star",
        "value",
        "overall",
        "weight",
        "plays",
        "playcount",
        "count",
    ],
};
pub(super) const TIME: Role = Role {
    name: "time",
    names: &[
        "timestamp",
        "time",
        "ts",
        "date",
        "datetime",
        "unixtime",
        "unixreviewtime",
        "createdat",
        "ratedat",
    ],
};

/// The plain name of an item's id in a file of items.
pub(super) const ID: Role = Role { name: "item", names: &["id"] };
pub(super) const TITLE: Role = Role {
    name: "title",
    names: &[
        "title",
        "name",
        "movietitle",
        "itemtitle",
        "itemname",
        "booktitle",
        "productname",
        "producttitle",
        "artistname",
        "trackname",
    ],
};
pub(super) const GENRES: Role =
    Role { name: "genres", names: &["genres", "genre", "class", "categories", "category", "tags"] };
pub(super) const YEAR: Role = Role { name: "year", names: &["year", "releaseyear", "yearofpublication"] };
