import type { ErrorEntry } from "./error_entry.ts";

/** Of command lines, files and configuration. */
export const COMMAND_CODES = {
  "command/bad-value": {
    meaning: "An argument or the value of a flag is not of the kind that is expected there.",
    advice: "Give a value as the command's --help shows it.",
  },
  "command/conflict": {
    meaning: "Two flags were given that say the same thing, or that exclude each other.",
    advice: "Leave one of them out.",
  },
  "command/missing": {
    meaning: "A flag or an argument is missing, without which the command cannot begin.",
    advice: "Give what the message names; the command's --help shows the rest.",
  },
  "command/not-confirmed": {
    meaning: "What was asked for costs money, and nobody said yes to it. Nothing was done.",
    advice: "Look at the plan by --dry-run, and answer yes, or give --yes.",
  },
  "command/surplus": {
    meaning: "A flag stands twice, a switch was given a value, or there are too many arguments.",
    advice: "Take away what is too much; the command's --help shows what it takes.",
  },
  "command/unknown": {
    meaning: "There is no command of that name.",
    advice: "The command's --help lists what there is.",
  },
  "command/unknown-flag": {
    meaning: "The command has no flag of that name.",
    advice: "The command's --help lists its flags.",
  },
  "config/bad-key": {
    meaning: "A key of a configuration file is not known there, or cannot be a name.",
    advice: "Mend the key at the line and column of the message, or take it out.",
  },
  "config/bad-syntax": {
    meaning: "A configuration file is no JSON with comments.",
    advice: "Mend what stands at the line and column of the message, often a comma or a quote.",
  },
  "config/bad-value": {
    meaning: "A value of a configuration file, of a flag or of a TV_ variable is not as expected.",
    advice: "Give a value of the kind that the message expects.",
  },
  "config/repeated-key": {
    meaning: "A key stands twice in one object of a configuration file.",
    advice: "Take one of the two out: it is not guessed which one is meant.",
  },
  "file/exists": {
    meaning: "A file is there already that would have been overwritten.",
    advice: "Give another name, or move the file away.",
  },
  "file/in-use": {
    meaning: "Another process is writing the same file or folder.",
    advice: "Wait until it has ended, or end it; the lock of a process that died is free at once.",
  },
  "file/unreadable": {
    meaning: "A file is not there, or may not be read.",
    advice: "Check the path, and that you may read what is there.",
  },
  "file/unwritable": {
    meaning: "What has to be kept cannot be written, often since the disk is full.",
    advice: "Make room or mend the permissions, then go on by --resume.",
  },
  "internal/unexpected": {
    meaning:
      "Something failed that Tradewind has no name for: a fault of its own, or of the system.",
    advice: "Try again; if it comes again, report it with the message and what was run.",
  },
  "manifest/contradiction": {
    meaning: "Two keys of a manifest are right each, and cannot be true together.",
    advice: "Change one of the keys that the message names.",
  },
  "manifest/no-meta-profile": {
    meaning: "A portfolio of portfolios was asked for, and the manifest names none.",
    advice: "Add meta_profiles to the manifest, or name one of them by --profile.",
  },
  "manifest/no-prices": {
    meaning: "The profile does not say where its prices are.",
    advice: 'Give the profile "prices", or give --prices PLACE: a file, or a lakehouse.',
  },
  "manifest/unknown-profile": {
    meaning: "The manifest has no profile or alias of that name.",
    advice: "Name one that the manifest has.",
  },
  "own/cannot-load": {
    meaning: "A module of your own does not load, or does not export what it should.",
    advice:
      "Mend what the message says of the module; src/production/own/README.md has the shapes.",
  },
  "own/outside-project": {
    meaning: "A module of your own lies outside of the project, and only the project travels.",
    advice: "Move the module into the project's folder.",
  },
} as const satisfies Record<string, ErrorEntry>;
