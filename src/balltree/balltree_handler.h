/*
 * src/balltree/balltree_handler.h
 *		Start-up of the balltree access method.
 */
#ifndef VM_BALLTREE_HANDLER_H
#define VM_BALLTREE_HANDLER_H

/* Register the geometry; once, from _PG_init. */
extern void vm_balltree_init(void);

#endif							/* VM_BALLTREE_HANDLER_H */
