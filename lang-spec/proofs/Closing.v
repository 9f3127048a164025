(* Closing windows of a formula (`forbid`): unsetting a bit of which the window is over changes no judgement from then on. So an entry that is equal to the
   default one once the windows of both are closed may be dropped. The bits are those of `prev`, each with one window at most: its own `within`, or the
   beginning of its match, for a span around it. (`require` is in Requirement.v; a protocol has no windows.) *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Slicing.
Open Scope Z_scope.

Section Formula.
Variables (L B : Type) (time place call_place : L -> Z) (is_call : L -> bool).
(* Of each bit: its window, whether a span's, and what excludes its match. *)
Variables (window : nat -> option Z) (of_span next : nat -> bool) (unless : nat -> L -> B -> bool).
(* What holds at a letter depends on it and on the bits that are set and still open; where a match begins, on their registers. *)
Variables (fires : nat -> L -> B -> (nat -> bool) -> bool) (begins : nat -> L -> B -> (nat -> bool) -> (nat -> Z) -> Z).
Variable holds : L -> B -> (nat -> bool) -> bool.
Hypothesis Fires : forall i a b f g, (forall j, f j = g j) -> fires i a b f = fires i a b g.
Hypothesis Holds : forall a b f g, (forall j, f j = g j) -> holds a b f = holds a b g.
Hypothesis Begins : forall i a b f g x y, (forall j, f j = g j) -> (forall j, f j = true -> x j = y j) -> begins i a b f x = begins i a b g y.

Record state := { bit : nat -> bool; since : nat -> Z; anchor : nat -> Z }.
Definition open (i : nat) (x t : Z) : bool := match window i with Some d => t - x <=? d | None => true end.
Definition counts (s : state) (t : Z) (i : nat) : bool := bit s i && open i (since s i) t.

Definition cleared (s : state) (a : L) (b : B) (i : nat) : bool := (unless i a b && (anchor s i <? call_place a)) || (next i && is_call a).
Definition step (a : L) (b : B) (s : state) : state :=
  let f := counts s (time a) in
  let fired i := fires i a b f in
  let survives i := bit s i && negb (cleared s a b i) in
  let began i := begins i a b f (since s) in
  {| bit := fun i => fired i || survives i;
     since := fun i => if fired i then (if of_span i then (if survives i then Z.max (since s i) (began i) else began i) else time a)
                       else if survives i then since s i else 0;
     anchor := fun i => if fired i then place a else if survives i then anchor s i else 0 |}.
Definition judges (a : L) (b : B) (s : state) : bool := holds a b (counts s (time a)).

(* Bits of which the window is over are unset, and what belongs to them with them. *)
Definition close (t : Z) (s : state) : state :=
  {| bit := counts s t; since := fun i => if counts s t i then since s i else 0; anchor := fun i => if counts s t i then anchor s i else 0 |}.

(* Two states count alike: the same bits are set and open, and these have the same registers. *)
Definition same (t : Z) (s s' : state) : Prop :=
  forall i, counts s t i = counts s' t i /\ (counts s t i = true -> since s i = since s' i /\ anchor s i = anchor s' i).

Lemma open_later : forall i x t t', t <= t' -> open i x t' = true -> open i x t = true.
Proof. intros i x t t' T. unfold open. destruct (window i); auto. rewrite !Z.leb_le. lia. Qed.

Lemma same_later : forall t t' s s', t <= t' -> same t s s' -> same t' s s'.
Proof.
  intros t t' s s' T H i. destruct (H i) as [E R].
  assert (X : forall u, counts u t' i = true -> counts u t i = true).
  { intros u. unfold counts. rewrite !andb_true_iff. intros [X Y]. split; auto. eapply open_later; eauto. }
  destruct (counts s t i) eqn:C.
  - destruct (R eq_refl) as [S A]. split; auto. symmetry in E. unfold counts in *. rewrite <- S.
    apply andb_prop in C. apply andb_prop in E. destruct C as [-> _], E as [-> _]. reflexivity.
  - assert (N : counts s t' i = false) by (apply not_true_iff_false; intros K; apply X in K; congruence).
    assert (N' : counts s' t' i = false) by (apply not_true_iff_false; intros K; apply X in K; congruence).
    rewrite N, N'. split; [reflexivity|discriminate].
Qed.

Lemma same_step_now : forall a b s s', same (time a) s s' -> same (time a) (step a b s) (step a b s').
Proof.
  intros a b s s' H i. set (t := time a) in *.
  assert (F : fires i a b (counts s t) = fires i a b (counts s' t)) by (apply Fires; intros j; apply H).
  assert (G : begins i a b (counts s t) (since s) = begins i a b (counts s' t) (since s')) by (apply Begins; intros j; apply H).
  destruct (H i) as [E R]. unfold counts at 1 2 3. unfold step. cbn [bit since anchor]. fold t. rewrite <- F, <- G.
  set (began := begins i a b (counts s t) (since s)). destruct (counts s t i) eqn:C.
  - (* it counts in both: the same is done *)
    destruct (R eq_refl) as [S A]. symmetry in E. unfold counts in C, E. apply andb_prop in C. apply andb_prop in E. destruct C as [C _], E as [E _].
    unfold cleared. rewrite C, E, <- S, <- A. split; auto.
  - (* it counts in neither: what is left of it is over *)
    symmetry in E.
    assert (Over : forall u, counts u t i = false -> bit u i = true -> open i (since u i) t = false).
    { intros u K T. unfold counts in K. rewrite T in K. exact K. }
    specialize (Over s C) as O. specialize (Over s' E) as O'. clear Over.
    destruct (fires i a b (counts s t)); cbn [orb andb].
    + destruct (of_span i); [|split; auto].
      assert (Later : forall u : state, (bit u i = true -> open i (since u i) t = false) ->
        let x := if bit u i && negb (cleared u a b i) then Z.max (since u i) began else began in
        open i x t = open i began t /\ (open i began t = true -> x = began)).
      { intros u K. destruct (bit u i); cbn [andb]; [|split; auto]. specialize (K eq_refl). destruct (negb (cleared u a b i)); [|split; auto].
        unfold open in *. destruct (window i) as [d|]; [|discriminate]. rewrite Z.leb_gt in K. cbv zeta.
        destruct (Z.leb_spec (t - began) d) as [N|N]; [|split; [apply Z.leb_gt; lia|discriminate]].
        split; [apply Z.leb_le; lia|intros; lia]. }
      destruct (Later s O) as [X Y], (Later s' O') as [X' Y']. cbv zeta in *. rewrite X, X'. split; auto. intros K. rewrite Y, Y'; auto.
    + assert (None_ : forall u : state, (bit u i = true -> open i (since u i) t = false) ->
        (bit u i && negb (cleared u a b i)) && open i (if bit u i && negb (cleared u a b i) then since u i else 0) t = false).
      { intros u K. destruct (bit u i); cbn [andb]; auto. destruct (negb (cleared u a b i)); cbn [andb]; auto. }
      rewrite !None_ by auto. split; [reflexivity|discriminate].
Qed.

Lemma same_is_stricter : forall t s s', same t s s' -> stricter state L B time step judges t s s'.
Proof.
  apply simulation_is_stricter.
  - intros t s s' a b H T J. unfold judges in *. rewrite (Holds a b _ (counts s' (time a))); auto.
    intros j. apply (same_later t (time a) s s' T H).
  - intros t s s' a b H T. apply same_step_now. apply (same_later t); auto.
Qed.

Theorem closed_formula_is_alike : forall t s, alike state L B time step judges t (close t s) s.
Proof.
  intros t s. assert (X : same t (close t s) s).
  { intros i. unfold counts at 1 3, close. cbn [bit since anchor]. destruct (counts s t i) eqn:C; cbn [andb].
    - unfold counts in C. apply andb_prop in C. destruct C as [_ ->]. auto.
    - split; [reflexivity|discriminate]. }
  split; apply same_is_stricter; auto. intros i. destruct (X i) as [E R]. rewrite <- E. split; auto.
  intros K. destruct (R K). auto.
Qed.
End Formula.

(* `forbid { a(x: ?v) then[within 10] b(x: ?v) }`: what was met at 0 still counts at 10, and is closed at 11. *)
Module Example.
Definition s : state := {| bit := fun i => Nat.eqb i 0; since := fun _ => 0; anchor := fun _ => 1 |}.
Definition closed (t : Z) := bit (close (fun _ => Some 10) t s) 0.
Example at_10 : closed 10 = true. Proof. reflexivity. Qed.
Example at_11 : closed 11 = false. Proof. reflexivity. Qed.
End Example.
