// A small product in C# that runs only while its lease holds.
//
//     Hello.exe [--no-wizard] [--store file:PATH] [COMMAND [TEXT]]
//
// The commands show what a product with dialogs of its own does: request, activate, refresh,
// deactivate, checkout, threads. Exit status: 0 it runs, 2 usage error, 3 a command failed, 4 not
// licensed, 5 the licence can't be read.

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Latchkey;

internal static class Hello
{
    private static int Main(string[] arguments)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        var words = new Queue<string>(arguments);
        string file = null;
        var mayOpenWizard = true;
        while (words.Count > 0 && words.Peek().StartsWith("--"))
        {
            var option = words.Dequeue();
            if (option == "--no-wizard") mayOpenWizard = false;
            else if (option == "--store" && words.Count > 0 && words.Peek().StartsWith("file:"))
                file = words.Dequeue().Substring("file:".Length);
            else return 2;
        }
        Licence licence = null;
        try
        {
            var product = LatchkeyProduct.Product;
            licence = file == null ? Licence.Open(product) : Licence.OpenFile(product, file);
            if (words.Count == 0) return Greet(licence, mayOpenWizard);
            var command = words.Dequeue();
            return Do(licence, command, words.Count > 0 ? words.Dequeue() : "");
        }
        catch (LatchkeyException error)
        {
            Console.Error.WriteLine("{0}\n→ {1}\n{2} {3}", error.Message, error.Action, error.Code, error.Number);
            return licence == null ? 5 : 3;
        }
        finally
        {
            if (licence != null) licence.Dispose();
        }
    }

    private static int Greet(Licence licence, bool mayOpenWizard)
    {
        using (var verdict = licence.Check())
        {
            if (verdict.Kind != Kind.Active)
                Console.Error.WriteLine(
                    "{0}\n→ {1}\n{2} {3}", verdict.Message, verdict.Action, verdict.Code, verdict.Number);
            if (!verdict.MayRun)
            {
                if (mayOpenWizard) Licence.OpenWizard(verdict.Reason, AppDomain.CurrentDomain.BaseDirectory);
                return verdict.Kind == Kind.StoreUnavailable || verdict.Kind == Kind.Tampered ? 5 : 4;
            }
            Console.WriteLine("Hello! {0} days left, seat {1}.", verdict.DaysLeft, verdict.Seat);
            if (verdict.HasFeature(LatchkeyProduct.FeatureExport)) Console.WriteLine("export: yes");
            Console.WriteLine("render: {0}", verdict.Limit(LatchkeyProduct.FeatureRender));
            Console.WriteLine("plan: {0}", verdict.Attribute("plan"));
            return 0;
        }
    }

    private static int Do(Licence licence, string command, string text)
    {
        switch (command)
        {
            case "request":
                try
                {
                    licence.CompareActivationCode(text);
                }
                catch (LatchkeyException doubt)
                {
                    // A real product asks whether to use it anyway: the vendor may have chosen such
                    // a code.
                    Console.Error.WriteLine(doubt.Message + " " + doubt.Code);
                }
                Console.WriteLine(licence.GenerateOfflineActivationRequestToken(text, "Made in C#"));
                return 0;
            case "activate":
                licence.ActivateOffline(text);
                return 0;
            case "refresh":
                licence.RefreshLeaseOffline(text);
                return 0;
            case "deactivate":
                Console.WriteLine(licence.DeactivateOffline());
                // A real product shows the token until the user confirms that the portal has it.
                foreach (var waiting in licence.UndeliveredDeactivations()) licence.ConfirmDelivered(waiting.Key);
                return 0;
            case "checkout":
                licence.CheckoutFeature(LatchkeyProduct.FeatureRender, 1);
                return 0;
            case "threads":
                return ManyThreads(licence);
            default:
                return 2;
        }
    }

    private static int ManyThreads(Licence licence)
    {
        var heard = 0;
        licence.OnChange(() => Interlocked.Increment(ref heard));
        licence.Watch(1);
        var threads = new List<Thread>();
        for (var at = 0; at < 4; at++)
        {
            var thread = new Thread(() =>
            {
                for (var round = 0; round < 20; round++)
                {
                    TimeSpan age;
                    licence.Check().Dispose();
                    licence.LastVerdict(out age).Dispose();
                }
            });
            thread.Start();
            threads.Add(thread);
        }
        foreach (var thread in threads) thread.Join();
        licence.Watch(0);
        return heard == 0 ? 0 : 3;
    }
}
