/* SPDX-License-Identifier: Apache-2.0 */
/* The call that a preloaded one stands before. */
#ifndef ATALAYA_TEST_PRELOAD_H
#define ATALAYA_TEST_PRELOAD_H

#include <dlfcn.h>
#include <stdint.h>

#define REAL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))
/* Found once: most are called often, and from several threads. */
#define CALL(name, ...)                                                                                      \
    ({                                                                                                       \
        static _Atomic uintptr_t found;                                                                      \
        if (!found)                                                                                          \
            found = (uintptr_t)REAL(name);                                                                   \
        ((__typeof__(&(name)))(uintptr_t)found)(__VA_ARGS__);                                                \
    })

#endif
