/** A frame carries many messages: a list of them in MessagePack. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Results up to here travel in messages; larger ones become objects. */
export const MAX_INLINE_BYTES = 100 * 1024;
/** The largest task: its function's name and its arguments. Larger values are put into the object store first. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** Messages of a frame, and items of each list in them. */
export const MAX_ITEMS_PER_FRAME = 100_000;
/** Tasks whose results one task reads. */
export const MAX_DEPENDENCIES = 100_000;
/** Objects in the store of one worker: a hello names them all. */
export const MAX_OBJECTS_PER_STORE = 400_000;
/** Of one object's bytes. */
export const MAX_OBJECT_BYTES = 16 * 1024 ** 3;
/** Of the address under which a worker is asked for objects, in UTF-16 code units. */
export const MAX_URL_LENGTH = 300;
/** Of ids and names, in UTF-16 code units. */
export const MAX_ID_LENGTH = 200;
/** Of an error's message or stack, in UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 64 * 1024;
/** Characters of a token. */
export const MAX_TOKEN_LENGTH = 1_000;
/** Causes of causes of an error that are told. */
export const MAX_ERROR_CAUSES = 8;
/** Errors of one AggregateError that are told. */
export const MAX_ERROR_ERRORS = 16;
/** A frame of a client inside a task, which travels inside another frame. */
export const MAX_NESTED_FRAME_BYTES = MAX_FRAME_BYTES / 2;
/** Tasks that a client may submit over a new connection before the head allows more. */
export const INITIAL_CREDITS = 4_096;
