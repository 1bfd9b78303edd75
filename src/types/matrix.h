/*
 * src/types/matrix.h
 *		A matrix, in SQL an array of double precision of two dimensions.
 */
#ifndef VM_MATRIX_H
#define VM_MATRIX_H

#include "postgres.h"

/* A covariance has no more rows: the square of them changes with each record. */
#define VM_COVARIANCE_MAX_DIM 2000

typedef struct VmMatrix
{
	int			rows;
	int			columns;
	const double *numbers;		/* row by row, all finite */
} VmMatrix;

/* The argument, into which numbers may point; 22023 if it is no matrix. purpose is not used. */
extern void *vm_matrix_of(Datum argument, int purpose);

/* The SQL value of dim rows and columns; raises 22003 where a number is not finite. */
extern Datum vm_matrix_form(const double *numbers, int dim);

#endif							/* VM_MATRIX_H */
