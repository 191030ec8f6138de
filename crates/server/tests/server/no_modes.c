/* Loaded into a program before its libraries: every file looks as it does on a disk without
 * permissions, where every user may do everything and changing that changes nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/stat.h>

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *found) {
    int (*own)(int, const char *, int, unsigned, struct statx *) = dlsym(RTLD_NEXT, "statx");
    int done = own(folder, path, flags, mask, found);
    if (done == 0) {
        found->stx_mode |= 0777;
    }
    return done;
}
