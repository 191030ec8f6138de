// What a C# program can do to licences and verdicts without a leak and without freeing anything
// twice, while the garbage collector runs: `Handles.exe FOLDER`. counting.c counts what is open.

using System;
using System.Collections;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using Latchkey;

internal static class Handles
{
    private const int Rounds = 100;
    private const int Threads = 4;

    [DllImport("counting")] private static extern int counting_open_licences();
    [DllImport("counting")] private static extern int counting_open_verdicts();
    [DllImport("counting")] private static extern int counting_faults();

    private static string folder;
    private static int heard;
    private static volatile bool isDone;

    private static void Expect(bool expected, string what)
    {
        if (!expected) throw new InvalidOperationException(what);
    }

    private static void Fails<T>(Action action) where T : Exception
    {
        try { action(); }
        catch (T) { return; }
        throw new InvalidOperationException(typeof(T).Name + " expected");
    }

    /// <summary>Does something that may fail because another thread has closed the
    /// licence.</summary>
    private static void UnlessClosed(Action action)
    {
        try { action(); }
        catch (ObjectDisposedException) { }
        catch (LatchkeyException error) { Expect(error.Code == "sdk.argument", error.Code); }
    }

    private static string FileOf(string name) { return Path.Combine(folder, name); }

    private static Licence Open(string name)
    {
        return Licence.OpenFile(LatchkeyProduct.Product, FileOf(name));
    }

    /// <summary>The next check finds something else than the one before.</summary>
    private static void Change(string name)
    {
        if (File.Exists(FileOf(name))) File.Delete(FileOf(name));
        else File.WriteAllText(FileOf(name), "no licence");
    }

    /// <summary>Runs something on new threads, on whose stacks nothing is left that the collector
    /// could find.</summary>
    private static void OnThreads(int count, Action<int> action)
    {
        var threads = new Thread[count];
        Exception failure = null;
        for (var at = 0; at < count; at++)
        {
            var number = at;
            threads[at] = new Thread(() =>
            {
                try { action(number); }
                catch (Exception error) { failure = error; }
            });
            threads[at].Start();
        }
        foreach (var thread in threads) thread.Join();
        if (failure != null) throw new InvalidOperationException("on a thread", failure);
    }

    /// <summary>Licences and verdicts are disposed of once, twice or never.</summary>
    private static void DisposeOrAbandon(int thread)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var licence = Open("loop-" + thread);
            // Its listener refers to it, which keeps neither of them.
            licence.OnChange(() => licence.Dispose());
            var verdict = licence.Check();
            Expect(!verdict.MayRun && verdict.Code == "verdict.not_activated", verdict.Code);
            TimeSpan age;
            var last = licence.LastVerdict(out age);
            switch (round % 4)
            {
                case 0:
                    verdict.Dispose();
                    verdict.Dispose();
                    licence.Dispose();
                    licence.Dispose();
                    Fails<ObjectDisposedException>(() => verdict.Code.ToString());
                    Fails<ObjectDisposedException>(() => licence.Check());
                    Fails<ObjectDisposedException>(() => licence.OnChange(GC.Collect));
                    last.Dispose();
                    break;
                case 1:
                    // A verdict is usable after its licence was closed.
                    licence.Dispose();
                    Expect(last.Code == verdict.Code, last.Code);
                    verdict.Dispose();
                    break;
                case 2:
                    licence.Watch(1);
                    last.Dispose();
                    break;
            }
        }
    }

    /// <summary>Several threads use one licence, and each of them closes it.</summary>
    private static void CloseAtOnce()
    {
        for (var round = 0; round < Rounds / 4; round++)
        {
            var licence = Open("at-once");
            var shared = licence.Check();
            OnThreads(Threads, number =>
            {
                UnlessClosed(() => licence.Check().Dispose());
                UnlessClosed(() => shared.Message.ToString());
                licence.Dispose();
                shared.Dispose();
                UnlessClosed(() => licence.Check());
            });
        }
    }

    /// <summary>A callback closes its own licence and collects garbage: on the thread that checks,
    /// and on the library's own.</summary>
    private static void CloseInCallback(bool isWatched)
    {
        var name = "callback-" + isWatched;
        var licence = Open(name);
        var before = heard;
        licence.OnChange(() =>
        {
            TimeSpan age;
            licence.LastVerdict(out age).Dispose();
            licence.Dispose();
            licence.Dispose();
            GC.Collect();
            Interlocked.Increment(ref heard);
        });
        licence.Check().Dispose();
        Change(name);
        if (isWatched)
        {
            licence.Watch(1);
            while (Volatile.Read(ref heard) == before) Thread.Sleep(10);
        }
        else
        {
            licence.Check().Dispose();
        }
        Expect(heard == before + 1, "heard " + (heard - before));
        Fails<ObjectDisposedException>(() => licence.Check());
    }

    /// <summary>The listeners that the binding keeps for all licences.</summary>
    private static int Listeners()
    {
        const BindingFlags Private = BindingFlags.NonPublic | BindingFlags.Static;
        return ((ICollection)typeof(LicenceHandle).GetField("All", Private).GetValue(null)).Count;
    }

    private static void Main(string[] words)
    {
        folder = words[0];
        var collector = new Thread(() =>
        {
            while (!isDone)
            {
                GC.Collect();
                Thread.Sleep(1);
            }
        });
        collector.Start();
        OnThreads(Threads, DisposeOrAbandon);
        OnThreads(1, number => CloseAtOnce());
        OnThreads(1, number => CloseInCallback(false));
        OnThreads(1, number => CloseInCallback(true));
        isDone = true;
        collector.Join();
        // What was abandoned is closed by finalizers. The collector may find an object only later,
        // because it takes whatever lies on a stack for a reference.
        do
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }
        while (counting_open_licences() != 0 || counting_open_verdicts() != 0);
        Expect(counting_faults() == 0, counting_faults() + " verdicts freed twice");
        GC.WaitForPendingFinalizers();
        Expect(Listeners() == 0, Listeners() + " listeners are kept");
        Console.WriteLine("done");
    }
}
