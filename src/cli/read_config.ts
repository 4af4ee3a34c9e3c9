import { fromFileUrl } from "@std/path";
import type { ProductionConfig } from "../manifest/config.ts";
import { readDotEnv } from "../manifest/dot_env.ts";
import { loadManifest } from "../manifest/load_manifest.ts";
import type { Override } from "../manifest/overrides.ts";
