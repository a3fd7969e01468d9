#define _GNU_SOURCE
#include "include/allocation_counter.h"

#include <features.h>
#include <stdatomic.h>

#if defined(__GLIBC__)
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>

// An executable's own malloc takes the place of the library's, also for the shared libraries that it uses.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

enum { most_sites = 4096, most_depth = 24 };

static struct {
    void *addresses[most_depth];
    int depth;
    size_t bytes;
} sites[most_sites];
static atomic_int counting;
static atomic_size_t count;
static size_t wanted;
static _Thread_local int inside;

static void note(size_t bytes) {
    if (!atomic_load_explicit(&counting, memory_order_acquire) || inside) return;
    const size_t n = atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    if (n >= wanted) return;
    inside = 1; // backtrace may allocate
    sites[n].depth = backtrace(sites[n].addresses, most_depth);
    sites[n].bytes = bytes;
    inside = 0;
}

void *malloc(size_t bytes) { return note(bytes), __libc_malloc(bytes); }
void *calloc(size_t n, size_t bytes) { return note(n * bytes), __libc_calloc(n, bytes); }
void *realloc(void *p, size_t bytes) { return note(bytes), __libc_realloc(p, bytes); }
void *memalign(size_t alignment, size_t bytes) { return note(bytes), __libc_memalign(alignment, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return note(bytes), __libc_memalign(alignment, bytes); }
int posix_memalign(void **to, size_t alignment, size_t bytes) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    note(bytes);
    void *p = __libc_memalign(alignment, bytes);
    if (!p) return ENOMEM;
    *to = p;
    return 0;
}

int allocation_counter_works(void) { return 1; }

void allocation_counter_start(size_t want) {
    void *first[1];
    backtrace(first, 1); // loads what it needs
    wanted = want < most_sites ? want : most_sites;
    atomic_store(&count, 0);
    atomic_store_explicit(&counting, 1, memory_order_release);
}

size_t allocation_counter_stop(void) {
    atomic_store(&counting, 0);
    return atomic_load(&count);
}

size_t allocation_counter_site(size_t n, void **addresses, size_t depth, size_t *bytes) {
    if (n >= wanted || n >= atomic_load(&count)) return 0;
    // The first two are note and the allocator itself.
    size_t found = 0;
    for (int i = 2; i < sites[n].depth && found < depth; i++) addresses[found++] = sites[n].addresses[i];
    *bytes = sites[n].bytes;
    return found;
}

const char *allocation_counter_name(const void *address) {
    Dl_info info;
    return dladdr(address, &info) && info.dli_sname ? info.dli_sname : "";
}
#else
int allocation_counter_works(void) { return 0; }
void allocation_counter_start(size_t want) { (void)want; }
size_t allocation_counter_stop(void) { return 0; }
size_t allocation_counter_site(size_t n, void **addresses, size_t depth, size_t *bytes) {
    (void)n, (void)addresses, (void)depth, (void)bytes;
    return 0;
}
const char *allocation_counter_name(const void *address) { return (void)address, ""; }
#endif
