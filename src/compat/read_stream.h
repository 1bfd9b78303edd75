/*
 * src/compat/read_stream.h
 *		Reading blocks that are known ahead: the server's read streams, or, on
 *		majors that have none, the same functions over PrefetchBuffer().
 *
 * PG17 brought read streams.  Before it a stream of ours looks ahead as far as
 * maintenance_io_concurrency says, one block a request.  Drop the file and
 * read_stream.c with PG16.
 */
#ifndef VM_READ_STREAM_H
#define VM_READ_STREAM_H

#include "postgres.h"

#if PG_VERSION_NUM >= 170000
#include "storage/read_stream.h"
#else

#include "storage/bufmgr.h"
#include "utils/rel.h"

#define READ_STREAM_MAINTENANCE 0x01
#define READ_STREAM_FULL		0x04

#define read_stream_begin_relation	vm_read_stream_begin_relation
#define read_stream_next_buffer		vm_read_stream_next_buffer
#define read_stream_reset			vm_read_stream_reset
#define read_stream_end				vm_read_stream_end

typedef struct ReadStream ReadStream;

/* The next block to read, InvalidBlockNumber at the end. */
typedef BlockNumber (*ReadStreamBlockNumberCB) (ReadStream *stream, void *state,
												void *per_buffer_data);

/* Maintenance streams without data of their own for each buffer are all there are. */
extern ReadStream *read_stream_begin_relation(int flags, BufferAccessStrategy strategy,
											  Relation rel, ForkNumber fork,
											  ReadStreamBlockNumberCB callback, void *state,
											  size_t per_buffer_data_size);
extern Buffer read_stream_next_buffer(ReadStream *stream, void **per_buffer_data);

/* Forget what was looked at ahead; after the end, ask the callback again. */
extern void read_stream_reset(ReadStream *stream);
extern void read_stream_end(ReadStream *stream);

#endif							/* PG_VERSION_NUM < 170000 */
#endif							/* VM_READ_STREAM_H */
