/*
 * src/compat/read_stream.c
 *		Read streams for majors that have none.
 */
#include "postgres.h"

#include "compat/read_stream.h"

#if PG_VERSION_NUM < 170000

#include "utils/spccache.h"

struct ReadStream
{
	BufferAccessStrategy strategy;
	Relation	rel;
	ForkNumber	fork;
	ReadStreamBlockNumberCB callback;
	void	   *state;
	bool		ended;			/* the callback has no more */
	uint32		n_asked;		/* reads that were begun ahead */

	/* blocks to read, a ring of 1 more than are looked at ahead */
	BlockNumber *blocks;
	int			size;
	int			first;
	int			n;
};

ReadStream *
read_stream_begin_relation(int flags, BufferAccessStrategy strategy, Relation rel,
						   ForkNumber fork, ReadStreamBlockNumberCB callback, void *state,
						   size_t per_buffer_data_size)
{
	ReadStream *stream = palloc0(sizeof(ReadStream));

	Assert((flags & READ_STREAM_MAINTENANCE) != 0 && per_buffer_data_size == 0);
	stream->strategy = strategy;
	stream->rel = rel;
	stream->fork = fork;
	stream->callback = callback;
	stream->state = state;
	stream->size = get_tablespace_maintenance_io_concurrency(rel->rd_rel->reltablespace) + 1;
	stream->blocks = palloc(sizeof(BlockNumber) * stream->size);
	return stream;
}

/* Look at blocks until the ring is full; the one to read now needs no advice. */
static void
look_ahead(ReadStream *stream)
{
	while (!stream->ended && stream->n < stream->size)
	{
		BlockNumber blkno = stream->callback(stream, stream->state, NULL);

		if (blkno == InvalidBlockNumber)
		{
			stream->ended = true;
			return;
		}
		if (stream->n > 0)
			stream->n_asked += PrefetchBuffer(stream->rel, stream->fork, blkno).initiated_io;
		stream->blocks[(stream->first + stream->n++) % stream->size] = blkno;
	}
}

Buffer
read_stream_next_buffer(ReadStream *stream, void **per_buffer_data)
{
	BlockNumber blkno;

	Assert(per_buffer_data == NULL);
	look_ahead(stream);
	if (stream->n == 0)
		return InvalidBuffer;
	blkno = stream->blocks[stream->first];
	stream->first = (stream->first + 1) % stream->size;
	stream->n--;
	return ReadBufferExtended(stream->rel, stream->fork, blkno, RBM_NORMAL, stream->strategy);
}

void
read_stream_reset(ReadStream *stream)
{
	stream->ended = false;
	stream->n = 0;
}

void
read_stream_end(ReadStream *stream)
{
	ereport(DEBUG1,
			(errmsg_internal("stream over \"%s\": %u blocks were asked for ahead",
							 RelationGetRelationName(stream->rel), stream->n_asked)));
	pfree(stream->blocks);
	pfree(stream);
}

#endif							/* PG_VERSION_NUM < 170000 */
