/*
 * Model: the machines that ELF programs are for, by the names that QEMU has
 * for them.  format-files/machines is the same table with the bytes spelt out,
 * and the tests hold one against the other.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "compiler.h"

/* Bytes of a file that are looked at. */
#define MACHINE_HEAD 40

/*
 * The machine of the ELF program that begins with these bytes, as a constant;
 * NULL when it is no program or for none that we know.
 */
ATTR_NONNULL const char *machine_find(const unsigned char head[MACHINE_HEAD]);

/* The name of the machine that is called so here or elsewhere, or NULL. */
ATTR_NONNULL const char *machine_canonical(const char *name);

#endif
