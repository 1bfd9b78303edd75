/*
 * src/tree/tree_node_queue.c
 *		Nodes in a heap of four children a node, and those that are far behind it.
 */
#include "postgres.h"

#include "tree/tree_node_queue.h"

#define FIRST_ALLOCATION	64

/* Children of a node of the heap: four bounds are compared for each move. */
#define FAN_OUT				4

void
vm_node_queue_init(VmNodeQueue *queue)
{
	queue->n_near = queue->n_far = 0;
	queue->near_size = queue->far_size = FIRST_ALLOCATION;
	queue->near = palloc(sizeof(VmNode) * queue->near_size);
	queue->far = palloc(sizeof(VmNode) * queue->far_size);
	queue->least_far = get_float8_infinity();
}

void
vm_node_queue_add(VmNodeQueue *queue, const VmNode *node)
{
	VmNode	   *heap;
	int			i = queue->n_near;

	if (queue->n_near == queue->near_size)
	{
		queue->near_size *= 2;
		queue->near = repalloc_huge(queue->near, sizeof(VmNode) * queue->near_size);
	}
	heap = queue->near;
	queue->n_near++;
	for (; i > 0 && vm_node_before(node, &heap[(i - 1) / FAN_OUT]); i = (i - 1) / FAN_OUT)
		heap[i] = heap[(i - 1) / FAN_OUT];
	heap[i] = *node;
}

void
vm_node_queue_add_far(VmNodeQueue *queue, const VmNode *node)
{
	if (queue->n_far == queue->far_size)
	{
		queue->far_size *= 2;
		queue->far = repalloc_huge(queue->far, sizeof(VmNode) * queue->far_size);
	}
	queue->far[queue->n_far++] = *node;
	queue->least_far = Min(queue->least_far, node->bound);
}

/* Put all nodes into the heap. */
static void
gather_far(VmNodeQueue *queue)
{
	for (int i = 0; i < queue->n_far; i++)
		vm_node_queue_add(queue, &queue->far[i]);
	queue->n_far = 0;
	queue->least_far = get_float8_infinity();
}

VmNode
vm_node_queue_pop(VmNodeQueue *queue)
{
	VmNode	   *heap;
	VmNode		first;
	VmNode		last;
	int			n;
	int			i = 0;

	if (vm_node_queue_far_is_first(queue))
		gather_far(queue);
	Assert(queue->n_near > 0);
	heap = queue->near;
	first = heap[0];
	n = --queue->n_near;
	last = heap[n];
	for (;;)
	{
		int			child = FAN_OUT * i + 1;
		int			end = Min(child + FAN_OUT, n);
		int			best = child;

		if (child >= n)
			break;
		for (child++; child < end; child++)
			if (vm_node_before(&heap[child], &heap[best]))
				best = child;
		if (!vm_node_before(&heap[best], &last))
			break;
		heap[i] = heap[best];
		i = best;
	}
	heap[i] = last;
	return first;
}

static int
compare_nodes(const void *a, const void *b)
{
	return vm_node_before(a, b) ? -1 : vm_node_before(b, a);
}

void
vm_node_queue_sort(VmNodeQueue *queue)
{
	gather_far(queue);
	qsort(queue->near, queue->n_near, sizeof(VmNode), compare_nodes);
}
