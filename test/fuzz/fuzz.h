/*
 * test/fuzz/fuzz.h
 *		What the parts of the module share.
 */
#ifndef VM_FUZZ_H
#define VM_FUZZ_H

/* Try one input: "accepted", "refused: …", "WRONG: …", or NULL where it is none. */
extern char *fuzz_judge(const uint8 *data, Size size);

#endif							/* VM_FUZZ_H */
