#include "engine/pool.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/watch.hpp"

namespace prum {
namespace {

// One parallel_for: tasks are handed out one by one, so uneven tasks even out.
struct Job {
  Job(size_t count, const std::function<void(size_t, unsigned)>& work)
      : n(count), task(work), watch(watched.watch) {}

  void run(unsigned worker) {
    for (size_t i = next.fetch_add(1); i < n; i = next.fetch_add(1)) {
      try {
        check_watch();
        task(i, worker);
      } catch (const Stopped&) {
        fail(false);
      } catch (...) {
        fail(true);
      }
    }
  }

  // Waits for the helpers, under the watch of the call. `lock` is that of the job.
  void wait(std::unique_lock<std::mutex>& lock) {
    constexpr std::chrono::milliseconds between_checks{20};
    while (helpers != 0) {
      if (watch == nullptr) {
        idle.wait(lock);
        continue;
      }
      if (idle.wait_for(lock, between_checks) == std::cv_status::no_timeout) continue;
      lock.unlock();
      try {
        check_watch();
      } catch (const Stopped&) {
        fail(false);
      } catch (...) {
        fail(true);
      }
      lock.lock();
    }
  }

  // Ends the job with the exception that is being handled. One that only follows from another does
  // not replace it.
  void fail(bool is_cause) {
    std::lock_guard lock(mutex);
    if (!error || (is_cause && !has_cause)) error = std::current_exception();
    has_cause |= is_cause;
    next.store(n);
  }

  const size_t n;
  const std::function<void(size_t, unsigned)>& task;
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable idle;
  unsigned helpers = 0;  // workers still inside run()
  Watch* const watch;
  std::exception_ptr error;
  bool has_cause = false;
};

struct Ticket {
  Job* job;
  unsigned worker;
};

class Pool {
 public:
  void run(Job& job, unsigned threads) {
    {
      std::lock_guard lock(mutex_);
      while (workers_.size() + 1 < threads) workers_.emplace_back([this] { work(); });
      job.helpers = threads - 1;
      for (unsigned w = 1; w < threads; ++w) tickets_.push_back({&job, w});
    }
    wake_.notify_all();
    job.run(0);
    {
      // Tickets that no worker has taken up yet are of no more use.
      std::lock_guard lock(mutex_);
      const auto unused = std::remove_if(tickets_.begin(), tickets_.end(),
                                         [&](const Ticket& t) { return t.job == &job; });
      const auto n = static_cast<unsigned>(tickets_.end() - unused);
      tickets_.erase(unused, tickets_.end());
      std::lock_guard job_lock(job.mutex);
      job.helpers -= n;
    }
    std::unique_lock lock(job.mutex);
    job.wait(lock);
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return !tickets_.empty(); });
      const Ticket ticket = tickets_.front();
      tickets_.pop_front();
      lock.unlock();
      {
        const Watching helper({ticket.job->watch, false, false});
        ticket.job->run(ticket.worker);
      }
      {
        std::lock_guard job_lock(ticket.job->mutex);
        if (--ticket.job->helpers == 0) ticket.job->idle.notify_all();
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Ticket> tickets_;
  std::vector<std::thread> workers_;
};

// The pool lives as long as the process: its idle workers hold nothing. A forked child has the
// parent's pool but none of its threads, so it leaves that pool alone and makes its own.
std::mutex* guard = new std::mutex;
Pool* current = nullptr;

void start_pool_anew() {
  guard = new std::mutex;
  current = nullptr;
}

Pool& pool() {
  static const int registered = pthread_atfork(nullptr, nullptr, start_pool_anew);
  static_cast<void>(registered);
  std::lock_guard lock(*guard);
  if (current == nullptr) current = new Pool;
  return *current;
}

std::atomic<unsigned> chosen_threads{0};

}  // namespace

void parallel_for(size_t n, unsigned threads, const std::function<void(size_t, unsigned)>& task) {
  const auto useful = static_cast<unsigned>(std::min<size_t>(n, threads));
  Job job(n, task);
  if (useful <= 1) {
    job.run(0);
  } else {
    pool().run(job, useful);
  }
  if (job.error) std::rethrow_exception(job.error);
}

unsigned usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return std::max(1, CPU_COUNT(&set));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

unsigned default_threads() {
  const unsigned n = chosen_threads.load(std::memory_order_relaxed);
  return n != 0 ? n : usable_cores();
}

void set_default_threads(unsigned n) { chosen_threads.store(n, std::memory_order_relaxed); }

}  // namespace prum
