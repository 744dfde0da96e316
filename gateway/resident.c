/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "atalaya/gateway/log.h"

enum { PAGE_BYTES = 4096 }; /* the smallest there is */

void *resident_calloc(size_t size)
{
    char *made = calloc(1, size);
    /* Volatile, or the compiler, which knows that the memory is zero, leaves this out. */
    for (size_t i = 0; made && i < size; i += PAGE_BYTES)
        ((volatile char *)made)[i] = 0;
    return made;
}

/* What RLIMIT_DATA counts, in bytes; 0 = not known. */
static unsigned long long data_bytes(void)
{
    unsigned long long size, resident, shared, text, library, data = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%llu %llu %llu %llu %llu %llu", &size, &resident, &shared, &text, &library, &data) != 6)
        data = 0;
    (void)fclose(file);
    return data * (unsigned long long)sysconf(_SC_PAGESIZE);
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ /* which take what they like */
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

void resident_bound(size_t more)
{
    unsigned long long now = sanitized ? 0 : data_bytes();
    struct rlimit limit;
    if (now == 0 || getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur < now + more)
        return;
    limit.rlim_cur = (rlim_t)(now + more);
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        log_warning("memory is not bounded: a broker could fill it");
}
