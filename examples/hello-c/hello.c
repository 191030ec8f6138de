/* A small product in C that runs only while its lease holds.
 *
 *     hello-c [--no-wizard] [--store file:PATH] [COMMAND]
 *
 * Without a command it prints a greeting. The commands show what a product with dialogs of its own
 * does: `request CODE`, `activate TEXT`, `refresh TEXT`, `deactivate`, `checkout`; `threads` checks
 * on several threads at the same time.
 *
 * Exit status: 0 it runs, 2 usage error, 3 a command failed, 4 not licensed, 5 the licence can't be
 * read.
 */
#include <stdio.h>
#include <string.h>

#include "latchkey.h"
#include "latchkey_product.h"

#ifdef _WIN32
#include <stdlib.h>
#include <windows.h>
/* After windows.h, which it needs. */
#include <shellapi.h>
#define THREAD_RESULT DWORD WINAPI
typedef HANDLE thread_t;
static void start(thread_t *thread, LPTHREAD_START_ROUTINE run, void *argument) {
  *thread = CreateThread(NULL, 0, run, argument, 0, NULL);
}
static void join(thread_t thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}
/* Returns the arguments in UTF-8, or NULL. `main` gets them in the computer's code page. */
static char **utf8_arguments(int *count) {
  wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), count);
  char **words = wide == NULL ? NULL : calloc((size_t)*count + 1, sizeof(char *));
  for (int at = 0; words != NULL && at < *count; at++) {
    int size = WideCharToMultiByte(CP_UTF8, 0, wide[at], -1, NULL, 0, NULL, NULL);
    words[at] = malloc((size_t)size);
    if (words[at] == NULL) {
      return NULL;
    }
    WideCharToMultiByte(CP_UTF8, 0, wide[at], -1, words[at], size, NULL, NULL);
  }
  LocalFree(wide);
  return words;
}
#else
#include <pthread.h>
#define THREAD_RESULT void *
typedef pthread_t thread_t;
static void start(thread_t *thread, void *(*run)(void *), void *argument) {
  pthread_create(thread, NULL, run, argument);
}
static void join(thread_t thread) { pthread_join(thread, NULL); }
#endif

static int failed(latchkey_error *error) {
  fprintf(stderr, "%s\n→ %s\n", latchkey_error_message(error), latchkey_error_action(error));
  fprintf(stderr, "%s %u\n", latchkey_error_name(error), latchkey_error_number(error));
  latchkey_error_free(error);
  return 3;
}

/* Runs the product, or explains why it may not run. */
static int hello(const latchkey_licence *licence, bool may_open_wizard) {
  latchkey_verdict *verdict = NULL;
  latchkey_error *error = NULL;
  if (latchkey_check(licence, &verdict, &error) != LATCHKEY_OK) {
    failed(error);
    return 5;
  }
  uint32_t kind = latchkey_verdict_kind(verdict);
  int status = 0;
  if (latchkey_verdict_may_run(verdict)) {
    printf("Hello! %u days left, seat %s.\n", latchkey_verdict_days_left(verdict),
           latchkey_verdict_seat(verdict));
    if (latchkey_verdict_has_feature(verdict, FEATURE_EXPORT)) {
      printf("export: yes\n");
    }
    printf("render: %llu\n", (unsigned long long)latchkey_verdict_limit(verdict, FEATURE_RENDER));
    const char *plan = latchkey_verdict_attribute(verdict, "plan");
    if (plan != NULL) {
      printf("plan: %s\n", plan);
    }
  } else {
    status = kind == LATCHKEY_STORE_UNAVAILABLE || kind == LATCHKEY_TAMPERED ? 5 : 4;
  }
  if (kind != LATCHKEY_ACTIVE) {
    fprintf(stderr, "%s\n→ %s\n", latchkey_verdict_message(verdict),
            latchkey_verdict_action(verdict));
    fprintf(stderr, "%s %u\n", latchkey_verdict_name(verdict), latchkey_verdict_number(verdict));
  }
  if (status != 0 && may_open_wizard &&
      latchkey_open_wizard(NULL, latchkey_verdict_reason(verdict), &error) != LATCHKEY_OK) {
    failed(error);
  }
  latchkey_verdict_free(verdict);
  return status;
}

static int request(const latchkey_licence *licence, const char *code) {
  char *token = NULL;
  latchkey_error *error = NULL;
  if (latchkey_compare_activation_code(licence, code, &error) != LATCHKEY_OK) {
    /* A real product asks whether to use it anyway: the vendor may have chosen such a code. */
    failed(error);
    error = NULL;
  }
  if (latchkey_generate_offline_activation_request_token(licence, code, "Made in C", &token,
                                                         &error) != LATCHKEY_OK) {
    return failed(error);
  }
  printf("%s\n", token);
  latchkey_string_free(token);
  return 0;
}

static int deactivate(const latchkey_licence *licence) {
  char *token = NULL, *id = NULL;
  latchkey_error *error = NULL;
  if (latchkey_deactivate_offline(licence, &token, &error) != LATCHKEY_OK) {
    return failed(error);
  }
  printf("%s\n", token);
  latchkey_string_free(token);
  /* A real product shows the token until the user confirms that the portal has it. */
  if (latchkey_undelivered_deactivation(licence, 0, &id, &token, &error) != LATCHKEY_OK) {
    return failed(error);
  }
  latchkey_result confirmed = latchkey_confirm_delivered(licence, id, &error);
  latchkey_string_free(id);
  latchkey_string_free(token);
  return confirmed == LATCHKEY_OK ? 0 : failed(error);
}

static void changed(void *user, const latchkey_verdict *verdict) {
  *(uint32_t *)user = latchkey_verdict_kind(verdict);
}

static THREAD_RESULT check_often(void *licence) {
  for (int round = 0; round < 20; round++) {
    latchkey_verdict *verdict = NULL;
    uint64_t age = 0;
    latchkey_check(licence, &verdict, NULL);
    latchkey_verdict_free(verdict);
    latchkey_last_verdict(licence, &verdict, &age, NULL);
    latchkey_verdict_message(verdict);
    latchkey_verdict_free(verdict);
  }
  return 0;
}

static int threads(latchkey_licence *licence) {
  thread_t thread[4];
  uint32_t heard = 0;
  latchkey_error *error = NULL;
  if (latchkey_on_change(licence, changed, &heard, &error) != LATCHKEY_OK ||
      latchkey_watch(licence, 1, &error) != LATCHKEY_OK) {
    return failed(error);
  }
  for (int at = 0; at < 4; at++) {
    start(&thread[at], check_often, licence);
  }
  for (int at = 0; at < 4; at++) {
    join(thread[at]);
  }
  latchkey_watch(licence, 0, NULL);
  return heard == 0 ? 0 : 3;
}

int main(int count, char **words) {
  latchkey_licence *licence = NULL;
  latchkey_error *error = NULL;
  const char *file = NULL;
  bool may_open_wizard = true;
  int at = 1;
#ifdef _WIN32
  /* All texts of the library are UTF-8, and a console may expect another code page. */
  SetConsoleOutputCP(CP_UTF8);
  words = utf8_arguments(&count);
  if (words == NULL) {
    return 2;
  }
#endif
  for (; at < count && strncmp(words[at], "--", 2) == 0; at++) {
    if (strcmp(words[at], "--no-wizard") == 0) {
      may_open_wizard = false;
    } else if (strcmp(words[at], "--store") == 0 && at + 1 < count &&
               strncmp(words[at + 1], "file:", 5) == 0) {
      file = words[++at] + 5;
    } else {
      return 2;
    }
  }
  latchkey_result opened =
      file == NULL ? latchkey_open(&LATCHKEY_PRODUCT, &licence, &error)
                   : latchkey_open_file(&LATCHKEY_PRODUCT, file, &licence, &error);
  if (opened != LATCHKEY_OK) {
    failed(error);
    return 5;
  }
  const char *command = at < count ? words[at] : "";
  const char *text = at + 1 < count ? words[at + 1] : "";
  int status = 2;
  if (*command == '\0') {
    status = hello(licence, may_open_wizard);
  } else if (strcmp(command, "request") == 0) {
    status = request(licence, text);
  } else if (strcmp(command, "activate") == 0) {
    status = latchkey_activate_offline(licence, text, &error) == LATCHKEY_OK ? 0 : failed(error);
  } else if (strcmp(command, "refresh") == 0) {
    status =
        latchkey_refresh_lease_offline(licence, text, &error) == LATCHKEY_OK ? 0 : failed(error);
  } else if (strcmp(command, "deactivate") == 0) {
    status = deactivate(licence);
  } else if (strcmp(command, "checkout") == 0) {
    latchkey_checkout_feature(licence, FEATURE_RENDER, 1, &error);
    status = failed(error);
  } else if (strcmp(command, "threads") == 0) {
    status = threads(licence);
  }
  latchkey_close(licence);
  return status;
}
