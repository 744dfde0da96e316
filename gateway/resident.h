/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of tables that fill over weeks. It is there from the start, so that a board which has not enough of
 * it fails while somebody stands beside it, and not with its tenth incident. Any thread. */
#ifndef ATALAYA_RESIDENT_H
#define ATALAYA_RESIDENT_H

#include <stddef.h>

/* Zeroed; each page has been written. NULL = out of memory. free() frees it. */
void *resident_calloc(size_t size);
/* From now on the process gets at most so much more: an allocation beyond that fails, instead of the kernel
 * ending the process. libmosquitto takes whatever length a broker announces, up to 256 MiB, twice. */
void resident_bound(size_t more);

#endif
