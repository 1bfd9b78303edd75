/*
 * src/kdtree/kdtree_handler.h
 *		Start-up of the kdtree access method.
 */
#ifndef VM_KDTREE_HANDLER_H
#define VM_KDTREE_HANDLER_H

/* Register the geometry; once, from _PG_init. */
extern void vm_kdtree_init(void);

#endif							/* VM_KDTREE_HANDLER_H */
