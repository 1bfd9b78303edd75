/*
 * src/tree/tree_cluster.h
 *		Hierarchical k-means of coded vectors: which leaf of a build a row
 *		goes to.
 *
 * Clusters lie in one flat piece of memory, which may be shared: one process
 * begins, all that attach claim cells and train them until none is left, and
 * each then sees the same clusters.  Deterministic, whoever trains what.
 */
#ifndef VM_TREE_CLUSTER_H
#define VM_TREE_CLUSTER_H

#include "postgres.h"

#include "tree/tree_geometry.h"

/* How full the leaves of clusters come out. */
#define VM_CLUSTER_FILL		0.8

typedef struct VmClusters VmClusters;

/*
 * The points to train on: those numbers, VmCodes of at most VM_HEAD_DIMS
 * elements.
 */
typedef struct VmSample
{
	int			n;
	VmPoints	points;
	int		   *numbers;
} VmSample;

/* About how many clusters to train, and how many of them a cell. */
typedef struct VmClusterPlan
{
	int			clusters;
	int			each_cell;
} VmClusterPlan;

/* Bytes that clusters take, MAXALIGNed. */
extern Size vm_clusters_room(const VmSpace *space, const VmClusterPlan *plan);

/* About what one more cluster takes of that. */
extern Size vm_cluster_size(int dim);

/*
 * Begin clusters in that room, from n >= 1 points: train the cells, and sort
 * the sample's numbers by them.  What is not in the room, in the current
 * memory context.
 */
extern VmClusters *vm_clusters_begin(const VmSpace *space, void *room, VmSample *sample,
									 const VmClusterPlan *plan);

/* The clusters that another process has begun there. */
extern VmClusters *vm_clusters_attach(void *room);

/* A cell to be trained, on n_points of the sample's numbers from first_point on. */
typedef struct VmCellClaim
{
	int			cell;
	int			first_point;
	int			n_points;
} VmCellClaim;

/* Claim a cell that nobody else has; false where there is none left. */
extern bool vm_clusters_claim(VmClusters *clusters, VmCellClaim *claim);

/* Train a cell; numbers are the claim's. */
extern void vm_clusters_train(VmClusters *clusters, const VmCellClaim *claim,
							  const VmPoints *points, const int *numbers);

/* All cells are trained: number the clusters, before they can be asked for. */
extern void vm_clusters_finish(VmClusters *clusters);

/* How many there are. */
extern int	vm_clusters_count(const VmClusters *clusters);

/* The cell of the cluster of that number; numbers rise with cells. */
extern int	vm_clusters_cell(const VmClusters *clusters, int number);

/* The number of the cluster whose center is nearest to the point, or almost. */
extern int	vm_clusters_nearest(VmClusters *clusters, const VmCode *point);

/* Let go of all but the room. */
extern void vm_clusters_free(VmClusters *clusters);

#endif							/* VM_TREE_CLUSTER_H */
