import type { ErrorEntry } from "./error_entry.ts";

/** Of prices, lakehouses and the places where both lie. */
export const DATA_CODES = {
  "dataops/ambiguous-file": {
    meaning: "Two files of a source have bars of the same symbol.",
    advice: "Take one of the two away, or narrow the pattern of the source.",
  },
  "dataops/bad-interval": {
    meaning: "The source, or a table, has no bars of that interval.",
    advice: "Use one of the intervals that the message names.",
  },
  "dataops/bad-source": {
    meaning: "A source of bars cannot do what is asked of it as it is configured.",
    advice: "Mend what the message names in section sources or discovery.scanners of the manifest.",
  },
  "dataops/no-bars": {
    meaning: "A source has no bars of the symbol, or none with a close.",
    advice: "Check the symbol's name at the source, or exclude it in discovery.scanners.",
  },
  "dataops/no-scanner": {
    meaning: "The manifest does not say where to look for symbols.",
    advice: "Add a scanner to discovery.scanners of the manifest.",
  },
  "dataops/nothing-discovered": {
    meaning: "The lakehouse has no list of symbols yet.",
    advice: "Run deno task dataops discover first, or deno task dataops run for everything.",
  },
  "dataops/nothing-found": {
    meaning: "The scanners looked, and no symbol fits them.",
    advice: "Loosen discovery.scanners of the manifest.",
  },
  "dataops/refused": {
    meaning: "The server of a source said no, and would say so again.",
    advice: "Read its answer: the symbol may be gone, or the address of the source wrong.",
  },
  "dataops/unreachable": {
    meaning: "The server of a source did not answer properly in any of several attempts.",
    advice: "Run the command again later: what was fetched before is kept.",
  },
  "lakehouse/bad-write": {
    meaning: "A commit to a lakehouse is not one: a bad name, a name twice, or no key to merge by.",
    advice: "Name each table once, and write tables without a key in mode replace.",
  },
  "lakehouse/busy": {
    meaning: "Other writers committed first, again and again.",
    advice: "Try again when fewer write to the lakehouse at once.",
  },
  "lakehouse/changed": {
    meaning: "The tables are not those any more that the run began with.",
    advice: "Start another run: what has not changed comes from the cache.",
  },
  "lakehouse/damaged": {
    meaning: "A file of a lakehouse is gone, or its content is not what its hash says.",
    advice: "deno task lakehouse verify names all that is damaged; sync or fetch it again.",
  },
  "lakehouse/diverged": {
    meaning: "Both sides of a sync have tables that the other one does not know.",
    advice: "Sync the other way first, or replace what is there by --force.",
  },
  "lakehouse/no-column": {
    meaning: "A table has no column of that name, or none that a range can be read by.",
    advice: "deno task lakehouse show TABLE lists the columns.",
  },
  "lakehouse/no-prices": {
    meaning: "The lakehouse has no tables of prices of the wanted interval.",
    advice: "Fill it by deno task dataops run, or name a price file.",
  },
  "lakehouse/no-table": {
    meaning: "The lakehouse has no table of that name.",
    advice: "deno task lakehouse ls lists the tables.",
  },
  "lakehouse/no-version": {
    meaning: "The lakehouse has no such version, or none that old.",
    advice: "deno task lakehouse ls --versions lists what there is.",
  },
  "lakehouse/not-a-folder": {
    meaning: "Data can be kept in a folder of this machine only, and the prices are elsewhere.",
    advice: "Name a folder by --lakehouse DIR.",
  },
  "lakehouse/other-schema": {
    meaning: "A table has other columns than its schema says, or a schema that is not known here.",
    advice: "Write the table anew from its source, or read it with the Tradewind that wrote it.",
  },
  "lakehouse/version-gone": {
    meaning: "The version of the lakehouse that the run began with cannot be read any more.",
    advice: "Start a new run, and let versions be kept longer: storage.keep_days.",
  },
  "parquet/damaged": {
    meaning: "A file is no Parquet file, or not a whole one.",
    advice: "Write or copy it again.",
  },
  "parquet/unexpected": {
    meaning: "A Parquet file can be read, but has columns of other types or with gaps.",
    advice:
      "Write it with dates, numbers and text, and without empty cells where the message says.",
  },
  "prices/bad-cell": {
    meaning: "Where a price should be is text, zero, a negative or an infinite number.",
    advice: "Mend the cell, or leave it empty where there is no price.",
  },
  "prices/bad-csv": {
    meaning: "A price file breaks the rules of CSV: a cell too many, an open quote, no UTF-8.",
    advice: "Mend the line of the message, or write the file again as CSV in UTF-8.",
  },
  "prices/bad-date": {
    meaning: "The first column of a price file has something that is no date.",
    advice: "Write dates as 2020-01-31, and put their column first.",
  },
  "prices/bad-order": {
    meaning: "The rows of a price file do not go forward in time, or a date stands twice.",
    advice: "Sort the rows from the oldest to the newest, each date once.",
  },
  "prices/bad-shape": {
    meaning: "A price file has no header, no rows, or no column of prices.",
    advice: "Line 1 is a header: the word date, then the symbols; below it a row a date.",
  },
  "prices/bad-symbol": {
    meaning: "A column or a table has a name that no symbol can have.",
    advice: "Rename it: letters, digits and a few signs, as the message says.",
  },
  "prices/bad-traded-values": {
    meaning: "The file of selection.traded_values cannot be used.",
    advice:
      "Give a wide CSV or Parquet file with the symbols of the prices, and no value below zero.",
  },
  "prices/no-bars": {
    meaning: "A simulator needs opens, highs or lows, and the prices tell closes alone.",
    advice:
      "Give prices with bars from a lakehouse, or take the simulator out of backtest.simulators.",
  },
  "prices/no-volumes": {
    meaning: "A selection needs what was traded, and nothing tells it.",
    advice: "Set selection.traded_values, or take prices from a lakehouse.",
  },
  "prices/repeated-symbol": {
    meaning: "Two columns of a price file have the same name.",
    advice: "Rename one of the two, or take it out.",
  },
  "prices/unhealthy": {
    meaning: "No symbol is fit for use, or under data.strict_health one is doubtful.",
    advice: "Mend the prices, or loosen section data of the manifest.",
  },
  "prices/unknown-symbol": {
    meaning: "A symbol that was named has no column, no table, or is no candidate.",
    advice: "Name it as the prices do.",
  },
  "prices/unreadable": {
    meaning: "A price file is not there, or is no file of prices.",
    advice: "Give the path of a wide CSV or Parquet file, or of a lakehouse.",
  },
  "store/bad-key": {
    meaning: "A name cannot be the key of an object in a store.",
    advice: "Use letters, digits and _ . ~ - in parts between slashes.",
  },
  "store/bad-url": {
    meaning: "An address is none of a place in S3.",
    advice: "Write it as s3://BUCKET/PREFIX.",
  },
  "store/failed": {
    meaning: "The store of objects cannot be reached, or refuses.",
    advice: "Check the bucket's name, the credentials, the region and AWS_ENDPOINT_URL_S3.",
  },
  "store/offline": {
    meaning: "A file is needed that is not here, and the network was ruled out.",
    advice: "Read it once while online, or sync the lakehouse into a folder.",
  },
  "store/unsafe": {
    meaning: "The store ignores conditions of writes, so that two writers would lose commits.",
    advice: "Use another store, or a newer version of it.",
  },
} as const satisfies Record<string, ErrorEntry>;
