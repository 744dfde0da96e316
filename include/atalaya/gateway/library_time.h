/* SPDX-License-Identifier: Apache-2.0 */
/* For files that share a struct with a time in it with a library (libgps, ALSA). On 32-bit Debian 12
 * libraries count time in 32 bits, this program in 64: a file that includes this header is compiled with the
 * libraries' time (scripts/cmake/compile_options.cmake), and must not hand a time_t or timespec to files that
 * are not. */
#ifndef ATALAYA_GATEWAY_LIBRARY_TIME_H
#define ATALAYA_GATEWAY_LIBRARY_TIME_H

#include <time.h>

#ifdef ATALAYA_LIBRARY_TIME_BYTES
_Static_assert(sizeof(time_t) == ATALAYA_LIBRARY_TIME_BYTES,
               "the libraries' structs would be read at wrong places");
#else
_Static_assert(sizeof(time_t) == 8, "a time that ends in 2038");
#endif

#endif
