/** A data set that its publisher offers for download. */
export interface Publication {
  readonly title: string
  readonly summary: string
  /** The publisher's page about it. */
  readonly page: string
  readonly licence: string
  readonly citation: string
  /** Address of the file: a zip archive, or a file that is read as it is. `{category}` stands for a category. */
  readonly url: string
  /** Address of a text with the MD5 checksum of the file. */
  readonly md5?: string
  /** The file of ratings: in the archive, or the name that the file gets. */
  readonly ratings: string
  /** The file with titles of the items, in the archive. */
  readonly items?: string
  /** Names that stand for `{category}`. */
  readonly categories?: readonly string[]
  /** Advice for training on it. */
  readonly note?: string
}

/** Publications by the name that `fetchData` takes. */
export type Publications = Readonly<Record<string, Publication>>

const MOVIELENS = {
  page: 'https://grouplens.org/datasets/movielens/',
  licence:
    'For research and education: no redistribution, no commercial use without permission, and acknowledgement in publications; the terms are in its README.',
  citation:
    'F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on Interactive Intelligent Systems 5, 4, article 19. https://doi.org/10.1145/2827872',
}

function movieLens(
  file: string,
  title: string,
  summary: string,
  [ratings, items]: readonly [ratings: string, items: string] = ['ratings.csv', 'movies.csv'],
): Publication {
  const url = `https://files.grouplens.org/datasets/movielens/${file}.zip`
  return { title, summary, ...MOVIELENS, url, md5: `${url}.md5`, ratings, items }
}

const AMAZON = {
  page: 'https://amazon-reviews-2023.github.io/',
  licence:
    'Published for research by the McAuley Lab, UC San Diego, without a licence text; ask the publisher about other uses.',
  citation:
    'Yupeng Hou, Jiacheng Li, Zhankui He, An Yan, Xiusi Chen, and Julian McAuley. 2024. Bridging Language and Items for Retrieval and Recommendation. arXiv:2403.03952. https://arxiv.org/abs/2403.03952',
  categories: [
    'All_Beauty',
    'Amazon_Fashion',
    'Appliances',
    'Arts_Crafts_and_Sewing',
    'Automotive',
    'Baby_Products',
    'Beauty_and_Personal_Care',
    'Books',
    'CDs_and_Vinyl',
    'Cell_Phones_and_Accessories',
    'Clothing_Shoes_and_Jewelry',
    'Digital_Music',
    'Electronics',
    'Gift_Cards',
    'Grocery_and_Gourmet_Food',
    'Handmade_Products',
    'Health_and_Household',
    'Health_and_Personal_Care',
    'Home_and_Kitchen',
    'Industrial_and_Scientific',
    'Kindle_Store',
    'Magazine_Subscriptions',
    'Movies_and_TV',
    'Musical_Instruments',
    'Office_Products',
    'Patio_Lawn_and_Garden',
    'Pet_Supplies',
    'Software',
    'Sports_and_Outdoors',
    'Subscription_Boxes',
    'Tools_and_Home_Improvement',
    'Toys_and_Games',
    'Video_Games',
    'Unknown',
  ],
}

const AMAZON_FILES = 'https://mcauleylab.ucsd.edu/public_datasets/data/amazon_2023'

/** The data sets that `fetchData` downloads, each from its publisher. */
export const publications: Publications = {
  'ml-100k': movieLens('ml-100k', 'MovieLens 100K', '100,000 ratings of 1,682 films by 943 users, 1998', [
    'u.data',
    'u.item',
  ]),
  'ml-latest-small': movieLens(
    'ml-latest-small',
    'MovieLens latest small',
    '100,836 ratings of 9,742 films by 610 users, 2018',
  ),
  'ml-1m': movieLens('ml-1m', 'MovieLens 1M', '1,000,209 ratings of 3,706 films by 6,040 users, 2003', [
    'ratings.dat',
    'movies.dat',
  ]),
  'ml-20m': movieLens('ml-20m', 'MovieLens 20M', '20,000,263 ratings of 26,744 films by 138,493 users, 2015'),
  'ml-25m': movieLens('ml-25m', 'MovieLens 25M', '25,000,095 ratings of 59,047 films by 162,541 users, 2019'),
  'ml-32m': movieLens('ml-32m', 'MovieLens 32M', '32,000,204 ratings of 84,432 films by 200,948 users, 2024'),
  'hetrec-lastfm': {
    title: 'HetRec 2011 Last.fm',
    summary: '92,834 play counts of 17,632 artists by 1,892 users',
    page: 'https://grouplens.org/datasets/hetrec-2011/',
    licence: 'For non-commercial use, with acknowledgement in publications; the terms are in its README.',
    citation:
      'Iván Cantador, Peter Brusilovsky, and Tsvi Kuflik. 2011. 2nd Workshop on Information Heterogeneity and Fusion in Recommender Systems (HetRec 2011). In Proceedings of the 5th ACM Conference on Recommender Systems (RecSys 2011). ACM, New York, NY, USA.',
    url: 'https://files.grouplens.org/datasets/hetrec2011/hetrec2011-lastfm-2k.zip',
    md5: 'https://files.grouplens.org/datasets/hetrec2011/hetrec2011-lastfm-2k.zip.md5',
    ratings: 'user_artists.dat',
    items: 'artists.dat',
    note: 'The weights are play counts: train a ranking model, which takes each row as a positive.',
  },
  'book-crossing': {
    title: 'Book-Crossing',
    summary: '1,149,780 ratings of 271,379 books by 278,858 users, 2004',
    page: 'http://www2.informatik.uni-freiburg.de/~cziegler/BX/',
    licence: 'Free for research, with acknowledgement in publications.',
    citation:
      'Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan, and Georg Lausen. 2005. Improving Recommendation Lists Through Topic Diversification. In Proceedings of the 14th International Conference on World Wide Web (WWW 2005). ACM, 22-32. https://doi.org/10.1145/1060745.1060754',
    url: 'http://www2.informatik.uni-freiburg.de/~cziegler/BX/BX-CSV-Dump.zip',
    ratings: 'BX-Book-Ratings.csv',
    items: 'BX-Books.csv',
    note: 'A rating of 0 means that a user has the book and did not rate it. The files are in Latin-1.',
  },
  'amazon-2023': {
    title: 'Amazon Reviews 2023',
    summary: 'all ratings of a category, 2023',
    ...AMAZON,
    url: `${AMAZON_FILES}/benchmark/0core/rating_only/{category}.csv.gz`,
    ratings: '{category}.csv.gz',
  },
  'amazon-2023-5core': {
    title: 'Amazon Reviews 2023, 5-core',
    summary: 'ratings of a category, each user and item with at least five, 2023',
    ...AMAZON,
    url: `${AMAZON_FILES}/benchmark/5core/rating_only/{category}.csv.gz`,
    ratings: '{category}.csv.gz',
  },
}
